/*
 * vectors.js DIR: this folder's operations against the published vectors of other implementations (DIR/*.jsonl), and its text
 * against plain arrays of code points on random edits. The peer must be right before it may say that the server is wrong.
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {Text, compose, difference, fault, movePosition, points, transform} = require('./ot.js');
const {random} = require('./random.js');

function applied(doc, ...ops) {
	const text = new Text(doc);
	ops.forEach(op => text.apply(op));
	return text.toString();
}

/* "di": the vector deletes and then inserts at one place, an order our canonical form does not keep. */
const check = {
	apply(v) {
		assert.equal(applied(v.doc, v.op), v.out);
	},
	compose(v) {
		const ab = compose(v.a, v.b);
		if (!v.di)
			assert.deepEqual(ab, v.ab);
		assert.equal(applied(v.doc, ab), v.out);
	},
	transform(v) {
		const [a2, b2] = transform(v.a, v.b, v.side === 'left');
		const one = applied(v.doc, v.a, b2), other = applied(v.doc, v.b, a2);
		assert.equal(one, other);
		if (v.di)
			return one === v.out ? 0 : 1;
		assert.deepEqual([a2, b2], [v.a2, v.b2]);
		assert.equal(one, v.out);
	},
	cursor(v) {
		assert.equal(movePosition(v.op, v.pos, v.bias === 'push'), v.out);
	},
};

function replay(file) {
	const lines = fs.readFileSync(file, 'utf8').split('\n').filter(line => line);
	let otherwise = 0;
	for (const line of lines)
		otherwise += check[JSON.parse(line).t](JSON.parse(line)) ?? 0;
	console.log(`${path.basename(file)}: ${lines.length} vectors, ${otherwise} of them meet in another text`);
	return lines.length;
}

/* The model: an array of characters. The hash is the protocol's formula in whole numbers, a byte at a time. */
function modelHash(s) {
	let h = 0n;
	for (const b of Buffer.from(s, 'utf8'))
		h = (h * 1000000007n + BigInt(b) + 1n) % ((1n << 61n) - 1n);
	return h.toString(16).padStart(16, '0');
}

function randomEdits(seed) {
	const dice = random(seed), alphabet = ['a', 'é', '字', '💃', '\n'];
	const text = new Text(), model = [];
	for (let i = 0; i < 3000; i++) {
		const pos = dice.below(model.length + 1);
		if (dice.below(3) > 0) {
			const s = Array.from({length: 1 + dice.below(i % 100 ? 5 : 3000)}, () => alphabet[dice.below(5)]);
			text.apply([...(pos ? [pos] : []), s.join('')]);
			model.splice(pos, 0, ...s);
		} else if (pos < model.length) {
			const n = 1 + dice.below(Math.min(i % 50 ? 9 : 4000, model.length - pos));
			text.apply([...(pos ? [pos] : []), -n]);
			model.splice(pos, n);
		}
		assert.equal(text.points, model.length);
		if (i % 100 === 0)
			assert.equal(text.toString(), model.join(''));
	}
	assert.equal(text.hash(), modelHash(model.join('')));
	const other = model.map((c, i) => (i % 7 ? c : '')).join('');
	const op = difference(model.join(''), other);
	assert.equal(fault(op), '');
	assert.equal(applied(model.join(''), op), other);
	console.log(`seed ${seed}: 3000 random edits, ${points(other)} code points`);
}

const dir = process.argv[2];
const files = fs.readdirSync(dir).filter(name => name.endsWith('.jsonl') && !name.startsWith('tokens'));
const count = files.reduce((sum, name) => sum + replay(path.join(dir, name)), 0);
assert.ok(count > 1000, `only ${count} vectors in ${dir}`);
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
randomEdits(seed);
