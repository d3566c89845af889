/* SPDX-License-Identifier: GPL-2.0 */
'use strict';
// "R1=ctx() R2=scalar(umax=3,var_off=(0x0; 0x3)) fp-8=0" by what it speaks of
function parts(text) {
	const out = [];
	let depth = 0, start = 0;

	for (let i = 0; i <= text.length; i++) {
		const c = text[i];

		if (c === '(')
			depth++;
		else if (c === ')')
			depth--;
		else if ((c === ' ' || i === text.length) && !depth) {
			if (i > start)
				out.push(text.slice(start, i));
			start = i + 1;
		}
	}
	return out;
}
function rows(box, title, list) {
	const table = document.createElement('table');

	if (!list.length)
		return;
	box.appendChild(document.createElement('p')).textContent = title;
	for (const part of list) {
		const tr = table.insertRow(), at = part.indexOf('=');

		tr.insertCell().textContent = at < 0 ? '' : part.slice(0, at);
		tr.insertCell().textContent = part.slice(at + 1);
	}
	box.appendChild(table);
}
// what changed since the row before; now and then a row has all
function before(row) {
	const changes = [];

	for (; row && row.dataset.b === undefined; row = row.previousElementSibling)
		changes.push(row.dataset.d);
	return changes.reduceRight((text, change) => {
		const [, front, back, middle] = change.match(/^(\d+) (\d+) (.*)$/s);

		return text.slice(0, +front) + middle + text.slice(text.length - back);
	}, row ? row.dataset.b : '');
}
// registers that the instruction names come first
function held(row) {
	const text = row.querySelector('.t').textContent;
	const names = new Set((text.match(/\b[rw]\d+\b/g) || []).map(n => 'R' + n.slice(1)));
	const all = parts(before(row));
	const named = part => names.has(part.slice(0, part.indexOf('=')));

	return [all.filter(named), all.filter(part => !named(part))];
}
function show(prog, row) {
	const box = prog.querySelector('.state');

	box.textContent = '';
	box.appendChild(document.createElement('h4')).textContent =
		row.querySelector('.n').textContent + ': ' + row.querySelector('.t').textContent;
	box.appendChild(document.createElement('p')).textContent = row.title;
	const [named, others] = held(row);

	rows(box, 'What it names, before it, the last time', named);
	rows(box, 'What it read and wrote', parts(row.dataset.s || ''));
	rows(box, 'All else, as the log showed it last; a jump may have told more', others);
}
function into(box, row) {
	if (row.offsetTop < box.scrollTop || row.offsetTop > box.scrollTop + box.clientHeight - 40)
		box.scrollTop = row.offsetTop - box.clientHeight / 3;
}
function choose(row) {
	const prog = row.closest('.prog'), insn = row.classList.contains('i');
	let first;

	prog.querySelectorAll('.sel,.hot').forEach(x => x.classList.remove('sel', 'hot'));
	row.classList.add('sel');
	into(row.parentNode, row);
	if (row.dataset.l)
		prog.querySelectorAll(insn ? '.s' : '.i').forEach(x => {
			if (x.dataset.l === row.dataset.l) {
				x.classList.add('hot');
				first = first || x;
			}
		});
	if (first)
		into(first.parentNode, first);
	if (insn)
		show(prog, row);
	else if (first)
		show(prog, first);
}
document.addEventListener('click', e => {
	const row = e.target.closest('.row');

	if (row)
		choose(row);
});
document.addEventListener('change', e => {
	if (e.target.matches('.onlybox'))
		e.target.closest('.prog').classList.toggle('onlypath', e.target.checked);
});
document.addEventListener('search', find);
document.addEventListener('keydown', e => {
	const row = document.querySelector('.i.sel');

	if (e.target.matches('input')) {
		if (e.key === 'Enter')
			find(e);
		return;
	}
	if (row && (e.key === 'j' || e.key === 'k')) {
		const next = e.key === 'j' ? row.nextElementSibling : row.previousElementSibling;

		if (next)
			choose(next);
	}
});
// the next instruction or line after the chosen one that has the text
function find(e) {
	const prog = e.target.closest('.prog'), what = e.target.value.toLowerCase();
	const rows = [...prog.querySelectorAll('.i')], now = rows.indexOf(prog.querySelector('.i.sel'));

	for (let k = 1; what && k <= rows.length; k++) {
		const row = rows[(now + k) % rows.length];

		if (row.textContent.toLowerCase().includes(what)) {
			choose(row);
			return;
		}
	}
}
document.querySelectorAll('details').forEach(d => {
	const first = d.querySelector('.at') || d.querySelector('.i');

	if (d.open && first)
		choose(first);
	else if (first)
		d.addEventListener('toggle', () => choose(first), { once: true });
});
