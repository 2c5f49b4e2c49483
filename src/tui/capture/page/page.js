"use strict";
(() => {
  const $ = id => document.getElementById(id);
  const root = document.documentElement;
  const data = JSON.parse($("frames").textContent);
  const items = [...$("calls").children];
  const screen = $("screen");
  const words = $("past").dataset;
  const wide = new Set(data.wide);

  // The looks, as classes: a style attribute would be refused by the page's own policy.
  const sheet = document.styleSheets[0];
  ["dark", "light"].forEach((ground, i) => data.looks.forEach((look, n) => {
    const [ink, page, marks] = look[i];
    const weight = marks & 1 ? "font-weight:bold;" : "";
    const line = marks & 2 ? "text-decoration:underline;" : "";
    sheet.insertRule(`[data-theme=${ground}] .l${n}{color:${ink};background-color:${page};${weight}${line}}`);
  }));
  screen.style.setProperty("--columns", data.columns);

  // Each row is what it changes of another one, and each frame what it changes of the frame before.
  const rows = [];
  for (const [base, ...runs] of data.rows) {
    const row = rows.length === 0
      ? { text: Array(data.columns).fill(" "), look: Array(data.columns).fill(0) }
      : { text: rows[base].text.slice(), look: rows[base].look.slice() };
    let x = 0;
    for (let i = 0; i < runs.length; i += 3) {
      x += runs[i];
      for (const symbol of runs[i + 2]) {
        for (const cell of wide.has(symbol) ? [symbol, ""] : [symbol]) {
          row.text[x] = cell;
          row.look[x] = runs[i + 1];
          x += 1;
        }
      }
    }
    rows.push(row);
  }
  const frames = [];
  for (const changes of data.frames) {
    const frame = frames.length === 0 ? Array(data.height).fill(rows[0]) : frames[frames.length - 1].slice();
    for (let i = 0; i < changes.length; i += 2) frame[changes[i]] = rows[changes[i + 1]];
    frames.push(frame);
  }

  // What is drawn with whole cells, so that no font leaves gaps.
  const shape = symbol => {
    const code = symbol.codePointAt(0);
    if (code >= 0x2581 && code <= 0x2588) return "block b" + (code - 0x2580);
    return { "─": "h", "━": "h thick", "│": "v", "▔": "block top" }[symbol] || "";
  };

  // The cells that name an fd: `fd 7`, `recvfrom(7`, and the first number in a row of the interest list.
  const named = row => {
    const text = row.text.map(symbol => symbol || "\0").join("");
    const found = Array(row.text.length).fill("");
    for (const match of text.matchAll(/\bfd (\d+)|\b[a-z]\w+\((\d+)|^[▶ ](\d+)(?= +\S)/gu)) {
      const fd = match[1] || match[2] || match[3];
      const end = match.index + match[0].length;
      for (let x = end - fd.length - (match[1] ? 3 : 0); x < end; x++) found[x] = fd;
    }
    return found;
  };

  const lines = frames[0].map(() => screen.appendChild(document.createElement("div")));
  const drawn = [];
  const draw = (line, row) => {
    line.replaceChildren();
    const fds = named(row);
    let run = null;
    row.text.forEach((symbol, x) => {
      if (!symbol) return;
      if (!run || row.look[x] !== row.look[x - 1] || fds[x] !== fds[x - 1]) {
        run = line.appendChild(document.createElement("span"));
        run.className = "l" + row.look[x] + (fds[x] ? " fd" : "");
        if (fds[x]) run.dataset.fd = fds[x];
      }
      if (symbol >= " " && symbol <= "~") {
        run.append(symbol);
        return;
      }
      const cell = run.appendChild(document.createElement("i"));
      cell.className = (wide.has(symbol) ? "wide " : "") + shape(symbol);
      cell.textContent = symbol;
    });
    line.normalize();
  };

  // The state: the moment shown, the last that may be, the fd that is asked about, what was searched, the clock of playing.
  let at = 0;
  let last = items.length - 1;
  let asked = null;
  let sought = "";
  let clock = null;
  const speeds = [1, 2, 4, 10, 50];
  let speed = 2;

  const say = text => { $("said").textContent = text; };
  const fill = (text, ...values) => text.replace(/\{(\d)\}/g, (_, i) => values[i]);

  // The last sentence on an fd at a moment, and whether the moment's call is about it.
  const sentence = (fd, moment) => {
    for (let i = moment; i >= 0; i--) {
      const told = items[i].querySelector(`[data-why="${fd}"]`);
      if (told) return told.textContent;
    }
    return null;
  };
  const isAbout = (fd, moment) => (items[moment].dataset.fds || "").split(" ").includes(fd);

  const showFd = () => {
    $("fd").hidden = asked === null;
    screen.querySelectorAll(".fd").forEach(span => span.classList.toggle("asked", span.dataset.fd === asked));
    if (asked === null) return;
    $("fd-why").textContent = sentence(asked, at) || fill(words.unknown, asked);
    const calls = items.map((_, i) => i).filter(i => i <= last && isAbout(asked, i));
    $("fd-calls").textContent = fill(words.calls, asked, calls.length);
    $("fd-back").disabled = !calls.some(i => i < at);
    $("fd-on").disabled = !calls.some(i => i > at);
  };

  const show = (moment, quiet) => {
    items[at].removeAttribute("aria-current");
    at = Math.max(0, Math.min(moment, last));
    frames[at].forEach((row, y) => {
      if (drawn[y] !== row) draw(lines[y], row);
      drawn[y] = row;
    });
    items[at].setAttribute("aria-current", "true");
    $("bar").value = at;
    $("bar").setAttribute("aria-valuetext", items[at].firstElementChild.textContent);
    const copy = items[at].cloneNode(true);
    $("now").replaceChildren(...copy.childNodes);
    showFd();
    if (window.past?.shown) window.past.shown(at);
    if (quiet) return;
    say("");
    try {
      history.replaceState(null, "", "#" + items[at].dataset.call);
    } catch {
      // A browser may not allow it for a file. Nothing else depends on it.
    }
  };

  const stop = () => {
    clearInterval(clock);
    clock = null;
    $("play").setAttribute("aria-pressed", "false");
  };
  const play = () => {
    if (clock !== null) return stop();
    if (at === last) return say(words.end);
    $("play").setAttribute("aria-pressed", "true");
    clock = setInterval(() => {
      show(at + 1);
      if (at === last) stop();
    }, 1000 / speeds[speed]);
  };
  const pace = by => {
    speed = Math.max(0, Math.min(speed + by, speeds.length - 1));
    if (clock !== null) {
      stop();
      play();
    }
    say(fill(words.speed, speeds[speed]));
  };

  const find = (from, step, wanted) => {
    for (let i = from + step; i >= 0 && i <= last; i += step) if (wanted(items[i], i)) return i;
    return -1;
  };
  const isWait = item => "wait" in item.dataset;
  const isFinding = item => item.querySelector(".finding") !== null;

  const toFinding = step => {
    const to = find(at, step, isFinding);
    if (to < 0) return say(step > 0 ? words.noLaterFinding : words.noEarlierFinding);
    show(to);
    say(items[to].querySelector(".finding").textContent);
  };

  // As on the terminal, letters of any case; `fd 5` is also a call that has it as an argument.
  const search = step => {
    if (!sought) return say(words.nothingSought);
    const text = sought.toLowerCase();
    const fd = /^fd (\d+)$/.exec(text);
    const hit = (item, i) => item.textContent.toLowerCase().includes(text) || fd !== null && isAbout(fd[1], i);
    const to = find(at, step, hit);
    if (to < 0) return say(fill(step > 0 ? words.notLater : words.notEarlier, sought));
    show(to);
    say("/" + sought);
  };

  const ask = fd => {
    asked = fd;
    showFd();
  };

  const themes = ["dark", "light"];
  const isDark = matchMedia("(prefers-color-scheme: dark)");
  const wear = theme => { root.dataset.theme = theme; };
  const fits = () => wear(isDark.matches ? "dark" : "light");
  isDark.addEventListener("change", fits);
  // Paper is white.
  let worn = "dark";
  addEventListener("beforeprint", () => { worn = root.dataset.theme; wear("light"); });
  addEventListener("afterprint", () => wear(worn));

  const keys = {
    ArrowLeft: () => show(at - 1), ",": () => show(at - 1),
    ArrowRight: () => show(at + 1), ".": () => show(at + 1), " ": () => show(at + 1),
    // Before the return of the last wait, and after that of the next.
    "[": () => show(find(at + 1, -1, isWait) - 1),
    "]": () => { const to = find(at, 1, isWait); show(to < 0 ? last : to); },
    "{": () => toFinding(-1), "}": () => toFinding(1),
    Home: () => show(0), End: () => show(last),
    n: () => search(1), N: () => search(-1),
    "/": () => { $("search").focus(); $("search").select(); },
    ":": () => { $("number").focus(); $("number").select(); },
    ">": play, "-": () => pace(-1), "+": () => pace(1), "=": () => pace(1),
    "?": () => { $("help").open = !$("help").open; },
    t: () => wear(themes[1 - themes.indexOf(root.dataset.theme)]),
    Escape: () => ask(null),
  };
  const act = key => {
    if (key !== ">" && key !== "-" && key !== "+" && key !== "=" && key !== "t") stop();
    keys[key]();
  };
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.altKey || event.metaKey || !Object.hasOwn(keys, event.key)) return;
    const typed = event.target.closest("input[type=search], input[type=text]");
    if (typed) {
      if (event.key === "Escape") typed.blur();
      return;
    }
    // A button that has the focus is pressed by the space bar.
    if (event.key === " " && event.target.closest("button, a, summary")) return;
    event.preventDefault();
    act(event.key);
  });
  document.querySelectorAll("[data-key]").forEach(button => {
    button.addEventListener("click", () => act(button.dataset.key));
  });
  $("searching").addEventListener("submit", event => {
    event.preventDefault();
    sought = $("search").value.trim() || sought;
    $("search").blur();
    stop();
    search(1);
  });
  $("going").addEventListener("submit", event => {
    event.preventDefault();
    const number = Number($("number").value.replace(/[,_ ]/g, ""));
    $("number").blur();
    goTo(number);
  });

  // The moment after so many calls, or the nearest one that the page has before it.
  const goTo = number => {
    const most = Number(items[last].dataset.call);
    if (!Number.isInteger(number) || number < 0 || number > most) return say(fill(words.noCall, most));
    stop();
    show(find(last + 1, -1, item => Number(item.dataset.call) <= number));
  };

  $("bar").addEventListener("input", () => { stop(); show(Number($("bar").value)); });
  items.forEach((item, i) => {
    const found = item.querySelector(".finding");
    if (found === null) return;
    const mark = $("marks").appendChild(document.createElement("button"));
    mark.type = "button";
    mark.tabIndex = -1;
    mark.title = found.textContent;
    mark.textContent = "╇";
    mark.dataset.at = i;
    mark.addEventListener("click", () => { stop(); show(i); say(found.textContent); });
  });

  // Nothing after this moment is shown.
  const bound = moment => {
    last = moment;
    items.forEach((item, i) => { item.hidden = i > last; });
    [...$("marks").children].forEach(mark => {
      mark.hidden = mark.dataset.at > last;
      mark.style.left = 100 * mark.dataset.at / Math.max(1, items.length - 1) + "%";
    });
  };

  screen.addEventListener("click", event => {
    // A selection that ends on an fd is no click.
    const span = event.target.closest(".fd");
    if (span !== null && getSelection().isCollapsed) ask(span.dataset.fd);
  });
  document.addEventListener("click", event => {
    const link = event.target.closest("a[data-to]");
    if (link === null) return;
    event.preventDefault();
    stop();
    show(items.findIndex(item => item.id === link.dataset.to));
    $("past").scrollIntoView();
  });
  $("fd-back").addEventListener("click", () => show(find(at, -1, (_, i) => isAbout(asked, i))));
  $("fd-on").addEventListener("click", () => show(find(at, 1, (_, i) => isAbout(asked, i))));

  const fromFragment = () => {
    const number = /^#(\d+)$/.exec(location.hash);
    if (number !== null) goTo(Number(number[1]));
  };
  addEventListener("hashchange", fromFragment);
  fits();
  // The bar is that of the whole run, also where not all of it may be shown yet.
  $("bar").max = last;
  bound(last);
  $("past").hidden = false;
  show(data.start, true);
  if (data.said) say(data.said);
  fromFragment();
  // For a script that leads through the run; `shown` is its to set.
  window.past = { show, play, stop, bound, say, shown: null };
})();
