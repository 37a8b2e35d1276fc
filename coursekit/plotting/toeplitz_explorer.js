// Selects among the values that Python computed, and paints them; it computes no pixel and no weight.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const UNIT = 18;

  const number = (value) => String(value).replace("-", "\u2212");
  const times = (value) => (value < 0 ? `(${number(value)})` : number(value));

  function element(name, attributes = {}, ...content) {
    const node = name.startsWith("svg:")
      ? document.createElementNS(SVG, name.slice(4))
      : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...content);
    return node;
  }

  function paint(node, side, tap) {
    node.style.setProperty("--tap", `var(--te-${Math.floor(tap / side)}${tap % side})`);
  }

  // A table of numbers; `keys` makes it a grid with one cell in the order of the Tab key.
  function table(caption, rows, keys) {
    const body = element("tbody");
    const cells = rows.flatMap((row, r) => {
      const made = row.map((value, c) =>
        element("td", { class: "te-cell", "data-row": r, "data-column": c }, number(value)),
      );
      body.append(element("tr", {}, ...made));
      return made;
    });
    const node = element("table", { class: "te-grid" }, element("caption", {}, caption), body);
    if (keys) {
      node.setAttribute("role", "grid");
      cells.forEach((cell, index) => {
        cell.tabIndex = index ? -1 : 0;
        cell.setAttribute("role", "gridcell");
      });
      node.addEventListener("keydown", (event) => move(event, cells, rows[0].length));
    }
    return { node, cells };
  }

  function move(event, cells, width) {
    const at = cells.indexOf(event.target);
    const column = at % width;
    const first = event.ctrlKey ? 0 : at - column;
    const last = event.ctrlKey ? cells.length - 1 : at - column + width - 1;
    const targets = {
      ArrowLeft: column > 0 ? at - 1 : at,
      ArrowRight: column < width - 1 ? at + 1 : at,
      ArrowUp: at - width,
      ArrowDown: at + width,
      Home: first,
      End: last,
    };
    if (at < 0 || event.altKey || event.metaKey || !(event.key in targets)) return;
    event.preventDefault();
    cells[targets[event.key]]?.focus();
  }

  function rove(cells, index) {
    cells.forEach((cell, other) => (cell.tabIndex = other === index ? 0 : -1));
  }

  function explore(root) {
    const data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
    const selects = {};
    const controls = element("form", { class: "te-controls", "aria-label": "Convolution" });
    const choices = {
      Image: Object.keys(data.images),
      Kernel: Object.keys(data.kernels),
      Stride: ["1", "2"],
      Padding: ["0", "1"],
    };
    for (const [name, options] of Object.entries(choices)) {
      selects[name] = element(
        "select",
        { autocomplete: "off", "aria-label": name },
        ...options.map((option) => element("option", { value: option }, option)),
      );
      controls.append(element("label", {}, name, selects[name]));
    }
    const hint = element(
      "p",
      { class: "te-hint" },
      "Point at a pixel of z, or go there with Tab and the arrow keys: its patch in x and its row of M light up. " +
        "Point at a weight of w to see every place where it stands in M.",
    );
    const grids = element("div", { class: "te-grids" });
    const drawing = element("div", { class: "te-drawing" });
    const said = element("p", { class: "te-said", role: "status", "aria-live": "polite" });
    const values = element("div");
    const details = element(
      "details",
      { class: "te-details" },
      element("summary", {}, "The row in numbers"),
      values,
    );
    root.append(controls, hint, grids, drawing, said, details);

    let now = {};
    let at = [1, 1];

    function configure() {
      const [image, kernel, stride, padding] = Object.values(selects).map((select) => select.value);
      const weights = data.kernels[kernel];
      const side = weights.length;
      const layout = data.layouts[`${side},${stride},${padding}`];
      const pixels = data.images[image][padding];
      const plain = data.images[image]["0"];
      const matrix = data.matrices[`${kernel},${stride},${padding}`];
      const output = data.outputs[`${image},${kernel},${stride},${padding}`];
      const [height, width] = layout.shape;
      const ring = padding === "0" ? "" : ", in a ring of zeros";

      const x = table(`x, the image, ${plain.length}×${plain[0].length}${ring}`, pixels);
      const most = Math.max(...pixels.flat());
      const edge = (pixels.length - plain.length) / 2;
      x.cells.forEach((cell, place) => {
        const row = Math.floor(place / pixels[0].length) - edge;
        const column = (place % pixels[0].length) - edge;
        if (plain[row]?.[column] === undefined) cell.classList.add("te-padding");
        cell.classList.add("te-ink");
        cell.style.setProperty("--ink", (0.3 * pixels.flat()[place]) / most);
      });
      const w = table("w, the kernel", weights, true);
      w.cells.forEach((cell, tap) => {
        paint(cell, side, tap);
        cell.classList.add("te-tap");
        cell.addEventListener("pointerenter", () => mark(tap));
        cell.addEventListener("pointerleave", () => mark(null));
        cell.addEventListener("focus", () => mark(tap));
        cell.addEventListener("blur", () => mark(null));
      });
      const z = table(`z, the output, ${height}×${width}`, output, true);
      z.cells.forEach((cell, i) => {
        for (const kind of ["pointerenter", "focus", "click"])
          cell.addEventListener(kind, () => choose(i));
      });
      grids.replaceChildren(x.node, w.node, z.node);
      now = { side, weights: weights.flat(), layout, plain: plain.flat(), pixels: pixels.flat() };
      Object.assign(now, { matrix, output: output.flat(), width, columns: plain[0].length, x, w, z });
      draw();
      const [a, b] = [Math.min(at[0], height - 1), Math.min(at[1], width - 1)];
      choose(a * width + b);
    }

    // vec(x) above, M below it, vec(z) at the right.
    function draw() {
      const { layout, matrix, side, plain, output, width, columns } = now;
      const [left, top, gap] = [UNIT * 1.6, UNIT * 1.4, 10];
      const right = left + plain.length * UNIT + gap;
      const head = top + UNIT + gap;
      const bottom = head + matrix.length * UNIT;
      const svg = element("svg:svg", {
        class: "te-matrix",
        viewBox: `0 0 ${right + 2 * UNIT} ${bottom + 4}`,
        role: "img",
      });
      const box = (x, y, wide, high, kind) =>
        element("svg:rect", { x, y, width: wide, height: high, ...(kind && { class: kind }) });
      const text = (x, y, content, kind) =>
        element("svg:text", { x, y, ...(kind && { class: kind }) }, content);
      const slot = (x, y, wide, value) =>
        element(
          "svg:g",
          { class: "te-slot" },
          box(x, y, wide, UNIT),
          text(x + wide / 2, y + UNIT / 2, number(value)),
        );

      const pixels = plain.map((value, j) => slot(left + j * UNIT, top, UNIT, value));
      const sums = output.map((value, i) => slot(right, head + i * UNIT, 1.8 * UNIT, value));
      const entries = layout.taps.map((row, i) =>
        [...row].flatMap((tap, j) => {
          if (tap === ".") return [];
          const [x, y] = [left + j * UNIT, head + i * UNIT];
          const entry = element(
            "svg:g",
            { class: "te-entry", "data-i": i, "data-j": j, "data-tap": tap },
            box(x, y, UNIT, UNIT),
            text(x + UNIT / 2, y + UNIT / 2, number(matrix[i][j])),
          );
          paint(entry, side, Number(tap));
          return [entry];
        }),
      );
      const blocks = [];
      for (let i = 0; i < matrix.length; i += width)
        for (let j = 0; j < plain.length; j += columns)
          blocks.push(box(left + j * UNIT, head + i * UNIT, columns * UNIT, width * UNIT, "te-block"));
      for (let j = 0; j < plain.length; j += columns)
        blocks.push(box(left + j * UNIT, top, columns * UNIT, UNIT, "te-block"));
      for (let i = 0; i < matrix.length; i += width)
        blocks.push(box(right, head + i * UNIT, 1.8 * UNIT, width * UNIT, "te-block"));
      const row = box(left - 2, head, plain.length * UNIT + 4, UNIT, "te-row");
      svg.append(
        ...entries.flat(),
        ...pixels,
        ...sums,
        ...blocks,
        box(left, head, plain.length * UNIT, matrix.length * UNIT, "te-frame"),
        row,
        text(left + (plain.length * UNIT) / 2, top / 2, "vec(x)", "te-name"),
        text(left / 2, head + (matrix.length * UNIT) / 2, "M", "te-name"),
        text(right + 2 * UNIT, top / 2, "vec(z)", "te-name te-last"),
      );
      const under = (event) => {
        const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(
          svg.getScreenCTM().inverse(),
        );
        const i = Math.floor((point.y - head) / UNIT);
        if (matrix[i] && i !== now.i) choose(i);
      };
      svg.addEventListener("pointermove", under);
      svg.addEventListener("pointerdown", under);
      drawing.replaceChildren(svg);
      Object.assign(now, { svg, entries, slots: pixels, sums, row, head });
    }

    function choose(i) {
      const { side, layout, weights, plain, output, width, columns, matrix, x, w, z } = now;
      now.i = i;
      const [a, b] = [Math.floor(i / width), i % width];
      at = [a, b];
      rove(z.cells, i);
      z.cells.forEach((cell, other) => {
        cell.classList.toggle("te-chosen", other === i);
        cell.setAttribute("aria-selected", other === i);
      });

      x.cells.forEach((cell) => cell.classList.remove("te-tap"));
      layout.patches[i].forEach((place, tap) => {
        x.cells[place].classList.add("te-tap");
        paint(x.cells[place], side, tap);
      });

      now.entries.flat().forEach((entry) => entry.classList.toggle("te-on", entry.dataset.i === String(i)));
      now.slots.forEach((slot, j) => {
        const tap = layout.taps[i][j];
        slot.classList.toggle("te-on", tap !== ".");
        if (tap !== ".") paint(slot, side, Number(tap));
      });
      now.sums.forEach((slot, other) => slot.classList.toggle("te-on", other === i));
      now.row.setAttribute("y", now.head + i * UNIT);

      const column = (tap) => layout.taps[i].indexOf(String(tap));
      const inside = weights.map((_, tap) => tap).filter((tap) => column(tap) >= 0);
      const rows = inside.map((tap) => Math.floor(column(tap) / columns));
      const across = inside.map((tap) => column(tap) % columns);
      const span = (all) =>
        Math.min(...all) === Math.max(...all)
          ? ` ${all[0]}`
          : `s ${Math.min(...all)} to ${Math.max(...all)}`;
      const terms = inside.map((tap) => `${times(matrix[i][column(tap)])}·${times(plain[column(tap)])}`);
      const lost = weights.length - inside.length;
      said.textContent =
        `Output pixel (${a}, ${b}) is row ${i} of M times vec(x). Its patch: row${span(rows)}, ` +
        `column${span(across)} of x. ` +
        (lost ? `${lost} of ${weights.length} weights meet the padding and have no entry in M. ` : "") +
        `${terms.join(" + ")} = ${number(output[i])}.`;
      now.svg.setAttribute(
        "aria-label",
        `The matrix M, ${matrix.length} rows and ${plain.length} columns, with vec(x) above and vec(z) at the ` +
          `right; row ${i} is marked, its entries stand in the columns ${inside.map(column).join(", ")}.`,
      );

      const heads = ["weight", "w", "pixel", "x", "column of M"];
      values.replaceChildren(
        element(
          "table",
          { class: "te-values" },
          element("caption", {}, `Row ${i} of M: output pixel (${a}, ${b})`),
          element(
            "thead",
            {},
            element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head))),
          ),
          element(
            "tbody",
            {},
            ...weights.map((weight, tap) => {
              const j = column(tap);
              const place = j < 0 ? "padding" : `(${Math.floor(j / columns)}, ${j % columns})`;
              const name = `(${Math.floor(tap / side)}, ${tap % side})`;
              const head = element("th", { scope: "row", class: "te-swatch" }, name);
              paint(head, side, tap);
              const value = now.pixels[layout.patches[i][tap]];
              const rest = [number(weight), place, number(value), j < 0 ? "none" : j];
              return element("tr", {}, head, ...rest.map((entry) => element("td", {}, String(entry))));
            }),
          ),
          element(
            "tfoot",
            {},
            element(
              "tr",
              {},
              element("th", { scope: "row", colspan: 4 }, "sum of all w·x"),
              element("td", {}, number(output[i])),
            ),
          ),
        ),
      );
    }

    function mark(tap) {
      now.w.cells.forEach((cell, other) => cell.classList.toggle("te-marked", other === tap));
      now.entries
        .flat()
        .forEach((entry) => entry.classList.toggle("te-marked", entry.dataset.tap === String(tap)));
      if (tap === null) {
        choose(now.i);
        return;
      }
      rove(now.w.cells, tap);
      const count = now.layout.taps.filter((row) => row.includes(String(tap))).length;
      said.textContent =
        `Weight (${Math.floor(tap / now.side)}, ${tap % now.side}) of w is ${number(now.weights[tap])}. ` +
        `It stands in ${count} of the ${now.matrix.length} rows of M, once in each of them.`;
    }

    controls.addEventListener("change", configure);
    controls.addEventListener("submit", (event) => event.preventDefault());
    configure();
  }

  for (const root of document.querySelectorAll(".toeplitz-explorer:not([data-ready])")) {
    root.dataset.ready = "";
    explore(root);
  }
})();
