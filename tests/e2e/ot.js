/*
 * ot.js: the shared text, written a second time, from the protocol's page alone, to disagree with the C one where either errs.
 *
 * An operation is the JSON form of the wire: [5, "abc", -3] keeps five code points, inserts, deletes three. All positions and lengths
 * are code points; JavaScript counts UTF-16 units, so nothing here may use s.length as a length of text.
 */
'use strict';

const CHUNK_UNITS = 2048; // a longer chunk is split
const RUN_UNITS = 512;    // a shorter one joins its neighbour
const MODULUS = (1n << 61n) - 1n;
const FACTOR = 1000000007;

const PAIRED = /[\ud800-\udfff]/; // a character that takes two units

function points(s) {
	let n = 0;
	if (!PAIRED.test(s))
		return s.length;
	for (let i = 0; i < s.length; i++)
		if ((s.charCodeAt(i) & 0xfc00) !== 0xdc00)
			n++;
	return n;
}

/* The UTF-16 index of code point `at`. */
function unit(s, at) {
	let i = 0;
	for (; at > 0; at--)
		i += (s.charCodeAt(i) & 0xfc00) === 0xd800 ? 2 : 1;
	return i;
}

/* Never compare a component with 0 itself: the text "7" is also greater. */
function kindOf(part) {
	if (part === undefined)
		return 'end';
	return typeof part === 'string' ? 'insert' : part > 0 ? 'retain' : 'delete';
}

function length(part) {
	return typeof part === 'string' ? points(part) : Math.abs(part);
}

/* Appends components and keeps the canonical form whatever it is given. */
class Builder {
	constructor() {
		this.op = [];
	}

	retain(n) {
		const last = this.op.length - 1;
		if (n === 0)
			return;
		if (kindOf(this.op[last]) === 'retain')
			this.op[last] += n;
		else
			this.op.push(n);
	}

	insert(s) {
		const last = this.op.length - 1;
		if (s === '')
			return;
		const before = kindOf(this.op[last]) === 'delete' ? last : last + 1; // insert before delete
		if (kindOf(this.op[before - 1]) === 'insert')
			this.op[before - 1] += s;
		else
			this.op.splice(before, 0, s);
	}

	remove(n) {
		const last = this.op.length - 1;
		if (n === 0)
			return;
		if (kindOf(this.op[last]) === 'delete')
			this.op[last] -= n;
		else
			this.op.push(-n);
	}

	done() {
		if (kindOf(this.op[this.op.length - 1]) === 'retain')
			this.op.pop();
		return this.op;
	}
}

/* Why an operation from outside is not canonical, or ''. */
function fault(op) {
	if (!Array.isArray(op))
		return 'not a list';
	for (let i = 0; i < op.length; i++) {
		const kind = kindOf(op[i]), next = kindOf(op[i + 1]);
		if (kind !== 'insert' && !Number.isSafeInteger(op[i]))
			return 'a component that is neither number nor text';
		if (op[i] === 0 || op[i] === '')
			return 'an empty component';
		if (kind === next)
			return 'two neighbours of one kind';
		if (kind === 'delete' && next === 'insert')
			return 'a deletion before an insertion';
	}
	return kindOf(op[op.length - 1]) === 'retain' ? 'a trailing retain' : '';
}

/* Reads an operation in pieces; behind its end everything is kept. */
class Reader {
	constructor(op) {
		this.op = op;
		this.at = 0;
		this.part = op[0];
	}

	get kind() {
		return kindOf(this.part);
	}

	get length() {
		return this.part === undefined ? Infinity : length(this.part);
	}

	take(n) {
		const part = this.part;
		if (part === undefined)
			return n;
		if (n >= length(part)) {
			this.part = this.op[++this.at];
			return part;
		}
		if (typeof part === 'string') {
			const i = unit(part, n);
			this.part = part.slice(i);
			return part.slice(0, i);
		}
		this.part = part > 0 ? part - n : part + n;
		return part > 0 ? n : -n;
	}
}

/* [a after b, b after a]; where both insert at one place a's text stands first if aFirst. */
function transform(a, b, aFirst) {
	const ra = new Reader(a), rb = new Reader(b);
	const a2 = new Builder(), b2 = new Builder();
	while (ra.kind !== 'end' || rb.kind !== 'end') {
		if (ra.kind === 'insert' && (rb.kind !== 'insert' || aFirst)) {
			const s = ra.take(Infinity);
			a2.insert(s);
			b2.retain(points(s));
		} else if (rb.kind === 'insert') {
			const s = rb.take(Infinity);
			b2.insert(s);
			a2.retain(points(s));
		} else {
			const n = Math.min(ra.length, rb.length);
			const ka = ra.kind, kb = rb.kind;
			ra.take(n);
			rb.take(n);
			if (ka !== 'delete' && kb !== 'delete') {
				a2.retain(n);
				b2.retain(n);
			} else if (kb !== 'delete') {
				a2.remove(n);
			} else if (ka !== 'delete') {
				b2.remove(n);
			}
		}
	}
	return [a2.done(), b2.done()];
}

/* First a, then b, as one. */
function compose(a, b) {
	const ra = new Reader(a), rb = new Reader(b), out = new Builder();
	while (ra.kind !== 'end' || rb.kind !== 'end') {
		if (ra.kind === 'delete') {
			out.remove(-ra.take(Infinity));
		} else if (rb.kind === 'insert') {
			out.insert(rb.take(Infinity));
		} else {
			const n = Math.min(ra.length, rb.length);
			const ka = ra.kind, kb = rb.kind;
			const part = ra.take(n);
			rb.take(n);
			if (ka === 'insert' && kb !== 'delete')
				out.insert(part);
			else if (ka !== 'insert' && kb === 'delete')
				out.remove(n);
			else if (ka !== 'insert')
				out.retain(n);
		}
	}
	return out.done();
}

/* Where `pos` is after op; an insertion exactly there moves it if push. */
function movePosition(op, pos, push) {
	let at = 0, out = pos;
	for (const part of op) {
		if (at > pos || (at === pos && !push && typeof part === 'string'))
			break;
		if (typeof part === 'string') {
			out += points(part);
		} else if (part > 0) {
			at += part;
		} else {
			out -= Math.min(-part, pos - at);
			at -= part;
		}
	}
	return out;
}

/* The one replaced stretch between common ends that makes `from` into `to` (two strings); no piece is cut. */
function difference(from, to, pieces = Array.from) {
	const a = pieces(from), b = pieces(to);
	const least = Math.min(a.length, b.length);
	let head = 0, tail = 0;
	while (head < least && a[head] === b[head])
		head++;
	while (tail < least - head && a[a.length - 1 - tail] === b[b.length - 1 - tail])
		tail++;
	const out = new Builder(), length = list => points(list.join(''));
	out.retain(length(b.slice(0, head)));
	out.insert(b.slice(head, b.length - tail).join(''));
	out.remove(length(a.slice(head, a.length - tail)));
	return out.done();
}

let newest = {s: '', hash: [0n, 0]}; // a long text of one letter is many times the same chunk

function chunkHash(s) {
	if (s !== newest.s)
		newest = {s, hash: hashOf(s)};
	return newest.hash;
}

/* h·FACTOR + byte + 1 over a chunk in three limbs of 21, 21 and 19 bits, which doubles hold exactly: [hash, bytes]. */
function hashOf(s) {
	let h0 = 0, h1 = 0, h2 = 0;
	const bytes = Buffer.from(s, 'utf8');
	for (const b of bytes) {
		const c0 = h0 * FACTOR + b + 1;
		const c1 = h1 * FACTOR + Math.floor(c0 / 2097152);
		const c2 = h2 * FACTOR + Math.floor(c1 / 2097152);
		const low = (c0 % 2097152) + Math.floor(c2 / 524288); // 2^61 is 1
		h0 = low % 2097152;
		const carry = (c1 % 2097152) + Math.floor(low / 2097152);
		h1 = carry % 2097152;
		h2 = (c2 % 524288) + Math.floor(carry / 2097152);
	}
	return [((BigInt(h2) << 42n) + (BigInt(h1) << 21n) + BigInt(h0)) % MODULUS, bytes.length];
}

function power(exponent) {
	let out = 1n;
	for (let base = BigInt(FACTOR); exponent > 0; exponent = Math.floor(exponent / 2)) {
		if (exponent % 2)
			out = (out * base) % MODULUS;
		base = (base * base) % MODULUS;
	}
	return out;
}

/* A text in chunks of one or two thousand units: an edit copies one chunk, not the document. */
class Text {
	constructor(s = '') {
		this.chunks = [];
		this.points = 0;
		this.#fill(0, s);
	}

	/* The chunks that hold s, put at index `at`. */
	#fill(at, s) {
		const made = [];
		for (let i = 0; i < s.length;) {
			let end = Math.min(i + CHUNK_UNITS / 2, s.length);
			if (end < s.length && (s.charCodeAt(end) & 0xfc00) === 0xdc00)
				end++;
			made.push({s: s.slice(i, end), n: points(s.slice(i, end)), hash: null});
			i = end;
		}
		this.chunks.splice(at, 0, ...made);
		for (const chunk of made)
			this.points += chunk.n;
	}

	/* Replaces chunk `at` by this string. */
	#change(at, s) {
		this.points -= this.chunks[at].n;
		if (s.length > CHUNK_UNITS) {
			this.chunks.splice(at, 1);
			this.#fill(at, s);
			return;
		}
		const n = points(s);
		this.points += n;
		this.chunks[at] = {s, n, hash: null};
		if (s.length < RUN_UNITS && this.chunks.length > 1)
			this.#join(at === 0 ? 0 : at - 1);
	}

	#join(at) {
		const s = this.chunks[at].s + this.chunks[at + 1].s;
		this.points -= this.chunks[at].n + this.chunks[at + 1].n;
		this.chunks.splice(at, 2);
		this.#fill(at, s);
	}

	/* [chunk, UTF-16 index in it] of a position; at a boundary the earlier chunk. */
	#locate(pos) {
		let i = 0;
		while (i + 1 < this.chunks.length && pos > this.chunks[i].n)
			pos -= this.chunks[i++].n;
		const chunk = this.chunks[i];
		return [i, chunk.n === chunk.s.length ? pos : unit(chunk.s, pos)];
	}

	insert(pos, s) {
		if (this.chunks.length === 0)
			return this.#fill(0, s);
		const [i, at] = this.#locate(pos);
		const old = this.chunks[i].s;
		this.#change(i, old.slice(0, at) + s + old.slice(at));
	}

	remove(pos, n) {
		while (n > 0) {
			let [i, at] = this.#locate(pos);
			if (at === this.chunks[i].s.length && i + 1 < this.chunks.length) {
				i++;
				at = 0;
			}
			const old = this.chunks[i].s;
			const here = Math.min(n, this.chunks[i].n - points(old.slice(0, at)));
			this.#change(i, old.slice(0, at) + old.slice(at + unit(old.slice(at), here)));
			n -= here;
		}
	}

	apply(op) {
		let base = 0, pos = 0;
		for (const part of op)
			if (typeof part === 'number')
				base += Math.abs(part);
		if (base > this.points)
			throw new Error(`an operation over ${base} code points on a text of ${this.points}`);
		for (const part of op) {
			if (typeof part === 'string') {
				this.insert(pos, part);
				pos += points(part);
			} else if (part > 0) {
				pos += part;
			} else {
				this.remove(pos, -part);
			}
		}
	}

	toString() {
		return this.chunks.map(chunk => chunk.s).join('');
	}

	/* The protocol's proof: 16 hex digits. */
	hash() {
		let h = 0n;
		const powers = new Map();
		for (const chunk of this.chunks) {
			const [own, bytes] = chunk.hash ??= chunkHash(chunk.s);
			if (!powers.has(bytes))
				powers.set(bytes, power(bytes));
			h = (h * powers.get(bytes) + own) % MODULUS;
		}
		return h.toString(16).padStart(16, '0');
	}
}

module.exports = {Builder, Text, compose, difference, fault, movePosition, points, transform};
