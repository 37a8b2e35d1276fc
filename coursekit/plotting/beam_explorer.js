// Selects among the values that Python computed, and paints them; it computes no probability.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const [LEFT, TOP, ROW, HIGH] = [20, 20, 27, 21];
  const FATES = { kept: "→ goes on", complete: "■ complete", cut: "■ cut off", dropped: "✕ dropped" };
  const KEYS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

  const number = (value) => value.toFixed(2).replace(/^-0\.00$/, "0.00").replace("-", "\u2212");
  const visible = (text) => text.replaceAll(" ", "␣");
  // The end has no symbol; another symbol without a text is nothing that can be read.
  const sign = (symbol) => (symbol === null ? "■" : visible(symbol) || "∅");
  const named = (symbol) =>
    symbol === null ? "the end" : symbol === " " ? "a blank" : symbol ? `“${visible(symbol)}”` : "no text";
  const quoted = (text) => (text ? `“${visible(text)}”` : "the empty beginning");
  const count = (many, word) => `${many.toLocaleString("en")} ${word}${many === 1 ? "" : "s"}`;

  function element(name, attributes = {}, ...content) {
    const node = name.startsWith("svg:")
      ? document.createElementNS(SVG, name.slice(4))
      : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...(name.startsWith("svg:") ? content : content.flatMap(drawn)));
    return node;
  }

  // A "␣" on the way becomes a blank in the page, to be read and copied as one, that the style sheet draws.
  function drawn(content) {
    if (typeof content !== "string") return [content];
    const blank = () => element("span", { class: "be-space" }, " ");
    return content.split(/(␣)/).map((piece) => (piece === "␣" ? blank() : piece));
  }

  // A table from heads and rows; the first cell of a row is its head.
  function table(caption, heads, rows) {
    const line = ([first, ...rest], attributes) =>
      element(
        "tr",
        attributes,
        element("th", { scope: "row" }, first),
        ...rest.map((cell) => element("td", {}, cell)),
      );
    return element(
      "table",
      { class: "be-values" },
      element("caption", {}, caption),
      element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
      element("tbody", {}, ...rows.map(({ cells, ...attributes }) => line(cells, attributes))),
    );
  }

  function explore(root) {
    const data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
    const choice = (name, options) => {
      const select = element(
        "select",
        { autocomplete: "off", "aria-label": name },
        ...options.map((option) => element("option", { value: option }, option)),
      );
      return [element("label", {}, name, select), select];
    };
    const sentences = Object.keys(data);
    const widths = Object.keys(data[sentences[0]]);
    const [sentenceLabel, sentence] = choice("Sentence", sentences);
    const [widthLabel, width] = choice("Width of the beam", widths);
    width.value = widths.at(-1);
    const controls = element(
      "form",
      { class: "be-controls", "aria-label": "Beam search" },
      sentenceLabel,
      widthLabel,
    );
    const drawing = element("div", { class: "be-drawing" });
    const back = element("button", { type: "button" }, "‹ Back");
    const forward = element("button", { type: "button" }, "Forward ›");
    const slider = element("input", { type: "range", min: 1, autocomplete: "off", "aria-label": "Step" });
    const stepper = element("div", { class: "be-stepper" }, back, slider, forward);
    const sample = (kind, mark, meaning) =>
      element("li", {}, element("span", { class: `be-sample be-${kind}` }, mark), ` ${meaning}`);
    const legend = element(
      "ul",
      { class: "be-legend" },
      sample("kept", "a", "in the beam"),
      sample("kept be-path", "a", "on the way to the result"),
      sample("dropped", "a", "dropped"),
      sample("complete", "■", "the end: complete"),
      sample("blank", "␣", "a blank"),
    );
    const said = element("p", { class: "be-said", role: "status", "aria-live": "polite" });
    const list = element("div", { class: "be-list" });
    const results = element("div", { class: "be-results" });
    const values = element("div", { class: "be-tables" });
    const details = element(
      "details",
      { class: "be-details" },
      element("summary", {}, "The step in numbers"),
      values,
    );
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "A beam search, step by step");
    root.append(controls, drawing, stepper, legend, said, list, results, details);

    let now = {};
    let at = 0;

    // What is written in a row, and the row that it continues.
    const rowOf = (step, place) => now.steps[step].rows[place];
    function before(step, place) {
      let text = "";
      for (let parent = rowOf(step, place)[0]; parent >= 0; parent = rowOf(step, parent)[0])
        text = (rowOf(--step, parent)[1] ?? "") + text;
      return text;
    }
    function ancestors(step, place, into) {
      for (; place >= 0 && !into.has(`${step},${place}`); place = rowOf(step--, place)[0])
        into.add(`${step},${place}`);
      return into;
    }

    function configure(stay) {
      const ended = now.steps && at === now.steps.length - 1;
      now = { ...data[sentence.value][width.value] };
      now.path = now.found.length ? ancestors(now.found[0][4], now.found[0][5], new Set()) : new Set();
      slider.max = now.steps.length;
      const most = Math.max(...now.steps.map((step) => step.rows.length));
      list.style.setProperty("--rows", most);
      now.most = most;
      draw();
      go(stay && ended ? Infinity : stay ? at : 0);
    }

    function draw() {
      const steps = now.steps;
      const wide = Math.max(17, Math.min(40, ((drawing.clientWidth || 640) - LEFT - 8) / steps.length));
      const box = Math.min(21, wide * 0.72);
      const x = (step) => LEFT + (step + 0.5) * wide;
      const y = (place) => TOP + (place + 0.5) * ROW;
      const total = [LEFT + steps.length * wide + 8, TOP + now.most * ROW + 2];
      const svg = element("svg:svg", {
        class: "be-tree",
        width: total[0],
        height: total[1],
        viewBox: `0 0 ${total[0]} ${total[1]}`,
        role: "img",
      });
      const band = element("svg:rect", { class: "be-now", y: 1, width: wide, height: total[1] - 2, rx: 4 });
      const edges = element("svg:g");
      const nodes = element("svg:g");
      const heads = element("svg:g");
      now.parts = steps.flatMap((step, t) => {
        heads.append(element("svg:text", { class: "be-head", x: x(t), y: TOP / 2 }, String(t + 1)));
        return step.rows.map(([parent, symbol, , , , status], place) => {
          const key = `${t},${place}`;
          const kind = `be-${status}${now.path.has(key) ? " be-path" : ""}`;
          const [fromX, fromY] = parent < 0 ? [LEFT / 2, y(0)] : [x(t - 1) + box / 2, y(parent)];
          const [toX, toY] = [x(t) - box / 2, y(place)];
          const bend = (toX - fromX) / 2;
          const edge = element("svg:path", {
            class: `be-edge ${kind}`,
            d: `M${fromX} ${fromY}c${bend} 0 ${bend} ${toY - fromY} ${toX - fromX} ${toY - fromY}`,
          });
          const node = element(
            "svg:g",
            { class: `be-node ${kind}` },
            element("svg:rect", { x: x(t) - box / 2, y: y(place) - HIGH / 2, width: box, height: HIGH, rx: 4 }),
            element("svg:text", { x: x(t), y: y(place) + 0.5 }, sign(symbol)),
          );
          edges.append(edge);
          nodes.append(node);
          return { edge, node, step: t, key, dropped: status === "dropped" };
        });
      });
      const start = element("svg:circle", { class: "be-start", cx: LEFT / 2, cy: y(0), r: 3.5 });
      svg.append(band, heads, edges, start, nodes);
      svg.addEventListener("click", (event) =>
        go(Math.floor((event.clientX - svg.getBoundingClientRect().left - LEFT) / wide)),
      );
      drawing.replaceChildren(svg);
      // What scrolls must be reached by the keyboard, too.
      if (total[0] > drawing.clientWidth + 1) drawing.tabIndex = 0;
      else drawing.removeAttribute("tabindex");
      Object.assign(now, { svg, band, heads: [...heads.children], x, wide });
    }

    function go(step) {
      at = Math.max(0, Math.min(now.steps.length - 1, step));
      const last = at === now.steps.length - 1;
      const { rows, places, considered } = now.steps[at];
      slider.value = at + 1;
      slider.setAttribute("aria-valuetext", `step ${at + 1} of ${now.steps.length}`);
      back.setAttribute("aria-disabled", at === 0);
      forward.setAttribute("aria-disabled", last);

      paint(rows);
      const taken = rows.filter((row) => row[5] !== "dropped").length;
      const ended = rows.flatMap((row, place) => (/^c/.test(row[5]) ? [place] : []));
      const text = (place) => before(at, place) + (rows[place][1] ?? "");
      const lines = [
        at
          ? `${count(now.steps[at - 1].rows.filter((row) => row[5] === "kept").length, "beginning")} had ` +
            `${count(considered, "continuation")} for ${count(places, "place")}.`
          : `The empty beginning has ${count(considered, "continuation")} for ${count(places, "place")}.`,
      ];
      if (rows.length)
        lines.push(
          `The best adds ${named(rows[0][1])} to ${quoted(before(at, 0))} at log-probability ` +
            `${number(rows[0][2])}${rows[0][5] === "kept" ? "," : `: ${FATES[rows[0][5]].slice(2)} at`} ` +
            `${number(rows[0][3])}${rows[0][5] === "kept" ? " in all" : ""}.`,
        );
      for (const place of ended.filter((place) => place))
        lines.push(
          `${quoted(text(place)).replace("beginning", "sentence")} is ` +
            `${rows[place][5] === "cut" ? "cut off" : "complete"} at ${number(rows[place][3])}.`,
        );
      if (ended.length && !last) lines.push(`The beam goes on with ${count(places - ended.length, "place")}.`);
      if (considered > taken)
        lines.push(
          `${(considered - taken).toLocaleString("en")} ${considered - taken === 1 ? "is" : "are"} dropped` +
            (rows[taken]
              ? `, the best of them “${visible(before(at, taken))}${sign(rows[taken][1])}” at ` +
                `${number(rows[taken][3])}.`
              : "."),
        );
      const onPath = rows.findIndex((_, place) => now.path.has(`${at},${place}`));
      if (onPath > 0) lines.push(`What becomes the result is in place ${onPath + 1}.`);
      if (last) lines.push(ending(rows));
      const key = element("b", {}, `Step ${at + 1} of ${now.steps.length}.`);
      said.replaceChildren(key, ...drawn(` ${lines.join(" ")}`));
      now.svg.setAttribute(
        "aria-label",
        `Tree of the beam up to step ${at + 1} of ${now.steps.length}: a column for every step, in it a box ` +
          "with the new symbol of every beginning, the best at the top, joined to what it continues.",
      );
      listing(rows, taken, places);
      tables(rows);
    }

    function ending(rows) {
      const why = rows.some((row) => row[5] === "kept")
        ? "What goes on cannot overtake any more: the search ends."
        : "No beginning goes on: the search ends.";
      if (!now.found.length) return `${why} It found nothing.`;
      const [text, log, score, finished] = now.found[0];
      const result = text ? `“${visible(text)}”` : "the empty sentence";
      const scored = now.alpha ? `, score ${number(score)}` : "";
      return `${why} The result is ${result}${finished ? "" : ", cut off,"} at ${number(log)}${scored}.`;
    }

    function paint(rows) {
      const alive = new Set();
      rows.forEach((row, place) => row[5] !== "dropped" && ancestors(at, place, alive));
      for (const [, , , , step, place] of now.found) if (step <= at) ancestors(step, place, alive);
      for (const { edge, node, step, key, dropped } of now.parts)
        for (const part of [edge, node]) {
          part.classList.toggle("be-future", step > at);
          part.classList.toggle("be-dead", step < at && !alive.has(key));
          part.classList.toggle("be-hidden", dropped && step !== at);
        }
      now.band.setAttribute("x", LEFT + at * now.wide);
      now.heads.forEach((head, step) => {
        head.classList.toggle("be-current", step === at);
        head.classList.toggle("be-hidden", step !== at && ((step + 1) % 5 > 0 || Math.abs(step - at) < 2));
      });
      // The step in the middle, where the tree is wider than the page.
      drawing.scrollLeft = now.x(at) - drawing.clientWidth / 2;
    }

    function listing(rows, taken, places) {
      const items = rows.map(([, symbol, log, total, share, status], place) => {
        const bar = element("span", { class: "be-bar", "aria-hidden": "true" }, element("span"));
        bar.firstChild.style.width = `${100 * share}%`;
        const label = (word) => element("span", { class: "be-unseen" }, ` ${word} `);
        const path = now.path.has(`${at},${place}`);
        return element(
          "li",
          { class: `be-row be-${status}${path ? " be-path" : ""}` },
          element("span", { class: "be-place" }, status === "dropped" ? "–" : String(place + 1)),
          element(
            "span",
            { class: "be-text" },
            visible(before(at, place)),
            element("b", { class: "be-new" }, sign(symbol)),
          ),
          element(
            "span",
            { class: "be-fate" },
            FATES[status],
            ...(path ? [label("on the way to the result")] : []),
          ),
          bar,
          element("span", { class: "be-log" }, label("symbol"), number(log)),
          element("span", { class: "be-total" }, label("total"), number(total)),
        );
      });
      if (taken < rows.length)
        items.splice(
          taken,
          0,
          element("li", { class: "be-limit" }, `${count(places, "place")} in the beam, none for the rest:`),
        );
      const heads = [
        ["place", ""],
        ["text", "candidate"],
        ["fate", ""],
        ["bar", "relative to the best"],
        ["log", "this symbol"],
        ["total", "in all"],
      ];
      list.replaceChildren(
        element(
          "div",
          { class: "be-row be-heads", "aria-hidden": "true" },
          ...heads.map(([name, head]) => element("span", { class: `be-${name}` }, head)),
        ),
        element("ol", { "aria-label": `Candidates of step ${at + 1}, the best first` }, ...items),
      );
    }

    function tables(rows) {
      const scored = now.alpha > 0;
      results.replaceChildren(
        table(
          "What each width finds",
          ["width", "sentence", "symbols", "log-probability", ...(scored ? ["score"] : [])],
          widths.map((key) => {
            const [best] = data[sentence.value][key].found;
            const current = key === width.value ? { "aria-current": "true" } : {};
            if (!best) return { cells: [key, "nothing", "", "", ...(scored ? [""] : [])], ...current };
            const [text, log, score, finished, step] = best;
            const shown = finished ? visible(text) : `${visible(text)} (cut off)`;
            const numbers = [String(step + 1), number(log), ...(scored ? [number(score)] : [])];
            return { cells: [key, shown || "(empty)", ...numbers], ...current };
          }),
        ),
      );
      const complete = now.found.filter(([, , , , step]) => step <= at);
      values.replaceChildren(
        table(
          `Candidates of step ${at + 1}, log-probabilities`,
          ["candidate", "this symbol", "in all", "continues", ""],
          rows.map(([parent, symbol, log, total, , status], place) => ({
            cells: [
              visible(before(at, place)) + sign(symbol),
              number(log),
              number(total),
              parent < 0 ? "the start" : `place ${parent + 1}`,
              FATES[status].slice(2),
            ],
          })),
        ),
        ...(complete.length
          ? [
              table(
                "Complete so far, the best first",
                ["sentence", "symbols", "log-probability", ...(scored ? ["score"] : [])],
                complete.map(([text, log, score, , step]) => ({
                  cells: [
                    visible(text) || "(empty)",
                    String(step + 1),
                    number(log),
                    ...(scored ? [number(score)] : []),
                  ],
                })),
              ),
            ]
          : []),
      );
    }

    sentence.addEventListener("change", () => configure(false));
    width.addEventListener("change", () => configure(true));
    controls.addEventListener("submit", (event) => event.preventDefault());
    back.addEventListener("click", () => go(at - 1));
    forward.addEventListener("click", () => go(at + 1));
    slider.addEventListener("input", () => go(slider.value - 1));
    root.addEventListener("keydown", (event) => {
      const { altKey, ctrlKey, metaKey, shiftKey, key, target } = event;
      if (altKey || ctrlKey || metaKey || shiftKey || !(key in KEYS) || target.matches("select")) return;
      event.preventDefault();
      go(at + KEYS[key]);
    });
    let painted = 0;
    new ResizeObserver(() => {
      if (drawing.clientWidth === painted) return;
      painted = drawing.clientWidth;
      draw();
      paint(now.steps[at].rows);
    }).observe(drawing);
    configure(false);
  }

  for (const root of document.querySelectorAll(".beam-explorer:not([data-ready])")) {
    root.dataset.ready = "";
    explore(root);
  }
})();
