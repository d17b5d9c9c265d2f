(() => {
  'use strict';
  const words = JSON.parse(document.getElementById('peil_words').textContent);
  const collator = new Intl.Collator(document.documentElement.lang, {numeric: true, sensitivity: 'base'});
  const figures = ['count', 'decimal', 'percent'];
  const fold = s => s.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const fill = (s, o) => s.replace(/\{(\w+)\}/g, (m, k) => o[k] ?? m);

  function make(tag, props = {}, ...children) {
    const e = Object.assign(document.createElement(tag), props);
    e.append(...children);
    return e;
  }

  function group(n, decimals) {
    let [whole, fraction] = Math.abs(n).toFixed(decimals).split('.');
    whole = whole.replace(/\B(?=(\d{3})+$)/g, words.group);
    const zero = !/[1-9]/.test(whole + (fraction || ''));
    return (n < 0 && !zero ? '−' : '') + whole + (fraction ? words.point + fraction : '');
  }

  // A cell is null (not available), "x" (protected), ">12" (lower bound) or plain.
  function show(v, col) {
    switch (col.kind) {
      case 'month': return words.months[v % 12] + ' ' + Math.floor(v / 12);
      case 'date': {
        const d = new Date(v * 864e5);
        return d.getUTCDate() + ' ' + words.months[d.getUTCMonth()] + ' ' + d.getUTCFullYear();
      }
      case 'year': return String(v);
      case 'percent': return group(v * 100, col.decimals) + '%';
      case 'decimal': return group(v, col.decimals);
      default: return group(v, 0);
    }
  }

  function read(col, i) {
    const v = col.v[i];
    if (v === null) return {text: words.na, mark: 'na', title: words.naText};
    if (v === 'x') return {text: words.pr, mark: 'pr', title: words.prText};
    if (col.dict) return {text: col.dict[v], sort: col.dict[v]};
    if (typeof v === 'string') {
      const n = Number(v.slice(1));
      return {text: '≥ ' + show(n, col), sort: n, mark: 'lb', title: words.lbText};
    }
    return {text: show(v, col), sort: v};
  }

  function shade(col, cell) {
    if (cell.sort === undefined) return '';
    if (col.shade === 'change') return cell.sort > 0 ? 'up' : cell.sort < 0 ? 'dn' : '';
    if (col.shade === 'magnitude' && cell.sort > 0 && col.max > 0) return 'q' + Math.ceil(cell.sort / col.max * 5);
    return '';
  }

  function table(box) {
    const {rows: count, cols} = JSON.parse(box.querySelector('script.data').textContent);
    const tbody = box.querySelector('tbody'), heads = [...box.querySelectorAll('thead th')];
    const foot = [...box.querySelectorAll('tfoot tr > *')];
    const tools = box.querySelector('.tools'), pager = box.querySelector('.pager');
    const size = Number(box.dataset.page);
    let order = Array.from({length: count}, (_, i) => i), kept = order, page = 0, sorted = null, down = false;
    const picks = new Map();
    let needle = '';

    const status = make('span', {});
    status.setAttribute('role', 'status');
    const previous = make('button', {type: 'button', textContent: words.previous, onclick: () => turn(page - 1)});
    const next = make('button', {type: 'button', textContent: words.next, onclick: () => turn(page + 1)});
    pager.append(previous, next, status);

    function draw(from, to) {
      const out = document.createDocumentFragment();
      for (const i of kept.slice(from, to)) {
        const tr = make('tr');
        cols.forEach((col, c) => {
          const cell = read(col, i);
          const e = make(c === 0 && col.dict ? 'th' : 'td', {textContent: cell.text, hidden: col.hidden});
          if (e.tagName === 'TH') e.scope = 'row';
          const cls = [figures.includes(col.kind) ? 'n' : col.dict ? '' : 'w', cell.mark || '', shade(col, cell)].filter(Boolean).join(' ');
          if (cls) e.className = cls;
          if (cell.title) e.title = cell.title;
          tr.append(e);
        });
        out.append(tr);
      }
      tbody.replaceChildren(out);
      const n = kept.length;
      status.textContent = fill(words.shown, {from: group(n ? from + 1 : 0, 0), to: group(Math.min(to, n), 0), n: group(n, 0)}) + (foot.length && n < count ? ' (' + words.totalHint + ')' : '');
      previous.disabled = from === 0;
      next.disabled = to >= n;
      previous.hidden = next.hidden = n <= size;
    }
    function turn(p) {
      page = Math.max(0, Math.min(p, Math.ceil(kept.length / size) - 1));
      draw(page * size, (page + 1) * size);
    }
    function apply() {
      const wanted = fold(needle.trim());
      const hit = cols.map(c => c.dict && wanted ? c.dict.map(s => fold(s).includes(wanted)) : null);
      kept = order.filter(i => {
        for (const [c, v] of picks) if (cols[c].v[i] !== v) return false;
        return !wanted || cols.some((col, c) => hit[c] ? hit[c][col.v[i]] === true : fold(read(col, i).text).includes(wanted));
      });
      turn(0);
    }
    function sort(c) {
      down = sorted === c ? !down : false;
      sorted = c;
      const keys = order.map((_, i) => read(cols[c], i).sort);
      const sign = down ? -1 : 1;
      order = order.slice().sort((a, b) => {
        const x = keys[a], y = keys[b];
        if (x === undefined || y === undefined) return (x === undefined) - (y === undefined) || a - b;
        return sign * (typeof x === 'string' ? collator.compare(x, y) : x - y) || a - b;
      });
      heads.forEach((h, k) => k === c ? h.setAttribute('aria-sort', down ? 'descending' : 'ascending') : h.removeAttribute('aria-sort'));
      apply();
    }

    heads.forEach((h, c) => {
      const title = h.textContent;
      const b = make('button', {type: 'button', textContent: title, onclick: () => sort(c)});
      if (h.title) b.title = h.title;
      h.replaceChildren(b);
    });

    if (count > 10) {
      const search = make('input', {type: 'search', placeholder: words.filterHint, oninput: () => { needle = search.value; apply(); }});
      tools.append(make('label', {}, words.filter, search));
      const selects = [];
      cols.forEach((col, c) => {
        if (!col.dict && col.kind !== 'month' && col.kind !== 'year') return;
        const values = [...new Set(col.v)].filter(v => v !== null && v !== 'x');
        if (values.length < 2 || values.length > 2000 || values.length > count / 2) return;
        const s = make('select', {onchange: () => {
          s.selectedIndex ? picks.set(c, values[s.selectedIndex - 1]) : picks.delete(c);
          apply();
        }}, make('option', {textContent: words.all}));
        const text = v => col.dict ? col.dict[v] : show(v, col);
        col.dict ? values.sort((a, b) => collator.compare(text(a), text(b))) : values.sort((a, b) => a - b);
        for (const v of values) s.append(make('option', {textContent: text(v)}));
        selects.push(s);
        tools.append(make('label', {}, col.title, s));
      });
      tools.append(make('button', {type: 'button', textContent: words.reset, onclick: () => {
        search.value = needle = '';
        picks.clear();
        for (const s of selects) s.selectedIndex = 0;
        apply();
      }}));
    }
    if (cols.some(c => c.hidden)) {
      const list = make('div');
      cols.forEach((col, c) => {
        const box = make('input', {type: 'checkbox', checked: !col.hidden, onchange: () => { col.hidden = !box.checked; veil(); turn(page); }});
        list.append(make('label', {}, box, col.title));
      });
      tools.append(make('details', {}, make('summary', {textContent: words.columns}), list));
    }
    function veil() {
      heads.forEach((h, c) => { h.hidden = cols[c].hidden; });
      foot.forEach((h, c) => { h.hidden = cols[c].hidden; });
    }
    veil();
    turn(0);
    // On paper there are no pages to turn: print what is kept, within reason.
    addEventListener('beforeprint', () => draw(0, kept.length <= words.fullRows ? kept.length : words.printRows));
    addEventListener('afterprint', () => turn(page));
  }

  function panels(box) {
    const items = [...box.querySelectorAll('li')], more = box.querySelector('.morepanels');
    const names = items.map(li => fold(li.firstElementChild.textContent));
    const find = box.querySelector('.findpanel'), same = box.querySelector('.samescale');
    find.addEventListener('input', () => {
      const wanted = fold(find.value.trim());
      items.forEach((li, i) => { li.hidden = !names[i].includes(wanted); });
      if (more && wanted) more.open = true;
    });
    same?.addEventListener('change', () => {
      for (const g of box.querySelectorAll('.plot')) {
        const k = g.dataset.high / box.dataset.top, base = g.dataset.base;
        const top = g.parentNode.querySelector('.top');
        top.dataset.own ??= top.textContent;
        top.textContent = same.checked ? box.dataset.toplabel : top.dataset.own;
        same.checked ? g.setAttribute('transform', `translate(0 ${base}) scale(1 ${k}) translate(0 ${-base})`) : g.removeAttribute('transform');
      }
    });
  }

  // A drawing that is wider than the screen is scrolled with the keyboard too.
  function reachable() {
    for (const d of document.querySelectorAll('.drawn')) {
      d.scrollWidth > d.clientWidth ? d.setAttribute('tabindex', '0') : d.removeAttribute('tabindex');
    }
  }

  document.documentElement.classList.add('js');
  addEventListener('resize', reachable);
  reachable();
  document.querySelectorAll('.tablebox').forEach(table);
  document.querySelectorAll('.panelbox').forEach(panels);
})();
