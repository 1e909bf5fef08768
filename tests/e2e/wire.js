/*
 * wire.js: the messages of the protocol (codecollab-protocol(7), section 3) in both encodings, for tests.
 *
 *	wire.json.encode({t: 'edit', doc: 1, rev: 7, seq: 1, op: [5, "a"]})	a frame
 *	wire.binary.decode(frame)						a list of messages
 *
 * Strict about what the server sends: a field missing, of another kind, a number too large, an operation that is not canonical,
 * text that is not UTF-8: each throws. What the protocol says to skip (unknown types and fields, bytes left over) is skipped.
 */
'use strict';

const {fault} = require('./ot.js');

const DOC = {path: 'str', rev: 'uint', seq: 'uint'};
const USER = {user: 'uint', name: 'str', color: 'str', role: 'str', state: 'str', doc: 'uint'};
const FILE = {path: 'str', kind: 'str', size: 'uint'};
const SAID = {id: 'uint', user: 'uint', name: 'str', at: 'uint', text: 'str'};
const USER_SEL = {user: 'uint', sel: 'sel'};
const PAST = {rev: 'uint', user: 'uint', name: 'str', at: 'uint', op: 'op'};
const ASK = {name: 'str', value: 'str'};

const fromClient = {
	hello: [1, {v: 'uint', name: 'str', color: 'str', session: 'str', docs: [DOC]}],
	open: [2, {path: 'str', create: 'bool'}],
	close: [3, {doc: 'uint'}],
	edit: [4, {doc: 'uint', rev: 'uint', seq: 'uint', op: 'op'}],
	select: [5, {doc: 'uint', rev: 'uint', seq: 'uint', sel: 'sel'}],
	activity: [6, {state: 'str', follows: 'uint'}],
	say: [7, {text: 'str'}],
	seen: [8, {id: 'uint'}],
	file: [9, {do: 'str', path: 'str', to: 'str'}],
	admin: [10, {do: 'str', user: 'uint', arg: 'str'}],
	history: [11, {doc: 'uint', from: 'uint', to: 'uint'}],
	diverged: [12, {doc: 'uint', rev: 'uint'}],
};

const fromServer = {
	welcome: [64, {user: 'uint', session: 'str', role: 'str', color: 'str', room: 'str', users: [USER], files: [FILE],
		chat: [SAID], epoch: 'str'}],
	error: [65, {code: 'str', text: 'str', ref: 'str'}],
	opened: [66, {doc: 'uint', path: 'str', rev: 'uint', size: 'uint', text: 'str', mode: 'str', eol: 'str',
		sels: [USER_SEL], seq: 'uint'}],
	resumed: [67, {doc: 'uint', path: 'str', rev: 'uint', seq: 'uint'}],
	edit: [68, {doc: 'uint', rev: 'uint', user: 'uint', op: 'op'}],
	ack: [69, {doc: 'uint', rev: 'uint', seq: 'uint'}],
	select: [70, {doc: 'uint', rev: 'uint', user: 'uint', sel: 'sel'}],
	join: [71, {user: 'uint', name: 'str', color: 'str', role: 'str'}],
	leave: [72, {user: 'uint', why: 'str'}],
	activity: [73, {user: 'uint', state: 'str', doc: 'uint', rtt: 'uint', follows: 'uint', path: 'str', line: 'uint'}],
	said: [74, SAID],
	seen: [75, {user: 'uint', id: 'uint'}],
	file: [76, {do: 'str', path: 'str', to: 'str', user: 'uint'}],
	saved: [77, {doc: 'uint', rev: 'uint'}],
	history: [78, {doc: 'uint', edits: [PAST]}],
	role: [79, {user: 'uint', role: 'str'}],
	bye: [80, {code: 'str', text: 'str', retry: 'uint'}],
	check: [81, {doc: 'uint', rev: 'uint', hash: 'str'}],
	chunk: [82, {doc: 'uint', text: 'str'}],
	invited: [83, {id: 'str', role: 'str', name: 'str', expires: 'uint', url: 'str'}],
	style: [84, {doc: 'uint', asks: [ASK]}],
};

const serverTypes = new Map(Object.entries(fromServer).map(([t, [type, fields]]) => [type, [t, fields]]));

function demand(good, what) {
	if (!good)
		throw new Error(`the server sent ${what}`);
}

/* ---- JSON ---- */

const jsonCheck = {
	uint: v => Number.isSafeInteger(v) && v >= 0,
	bool: v => typeof v === 'boolean',
	str: v => typeof v === 'string' && !/\p{Surrogate}/u.test(v) && !v.includes('\0'),
	op: v => fault(v) === '',
	sel: v => Array.isArray(v) && v.every(s => Array.isArray(s) && s.length === 2 && s.every(jsonCheck.uint)),
};

function checkFields(fields, object, where) {
	for (const [name, kind] of Object.entries(fields)) {
		const value = object[name];
		if (typeof kind === 'string') {
			demand(jsonCheck[kind](value), `${where}.${name} = ${JSON.stringify(value)}, not a ${kind}`);
			continue;
		}
		demand(Array.isArray(value), `${where}.${name} that is no list`);
		value.forEach((item, i) => checkFields(kind[0], item, `${where}.${name}[${i}]`));
	}
}

const json = {
	subprotocol: 'codecollab.v1.json',
	encode: message => JSON.stringify(message),
	decode(frame, isBinary) {
		demand(!isBinary, 'a binary frame to a JSON peer');
		const message = JSON.parse(frame.toString('utf8'));
		if (fromServer[message.t] === undefined)
			return [];
		checkFields(fromServer[message.t][1], message, message.t);
		return [message];
	},
};

/* ---- binary ---- */

function putUint(out, n) {
	while (n >= 128) {
		out.push((n % 128) | 128);
		n = Math.floor(n / 128);
	}
	out.push(n);
}

function putStr(out, s, tag = n => n) {
	const bytes = Buffer.from(s, 'utf8');
	putUint(out, tag(bytes.length));
	for (const b of bytes)
		out.push(b);
}

const put = {
	uint: putUint,
	bool: (out, v) => out.push(v ? 1 : 0),
	str: (out, v) => putStr(out, v),
	op(out, op) {
		putUint(out, op.length);
		for (const part of op) {
			if (typeof part === 'string')
				putStr(out, part, n => n * 4 + 2);
			else
				putUint(out, part > 0 ? part * 4 : -part * 4 + 1);
		}
	},
	sel(out, sel) {
		putUint(out, sel.length);
		sel.flat().forEach(pos => putUint(out, pos));
	},
};

function putFields(out, fields, object) {
	for (const [name, kind] of Object.entries(fields)) {
		if (typeof kind === 'string') {
			put[kind](out, object[name]);
			continue;
		}
		putUint(out, object[name].length);
		object[name].forEach(item => putFields(out, kind[0], item));
	}
}

const strictUtf8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

class Bytes {
	constructor(buffer) {
		this.buffer = buffer;
		this.at = 0;
	}

	uint() {
		let n = 0;
		for (let scale = 1, i = 0; i < 10; i++, scale *= 128) {
			demand(this.at < this.buffer.length, 'a number that is cut off');
			const b = this.buffer[this.at++];
			n += (b & 127) * scale;
			demand(Number.isSafeInteger(n), 'a number past 2^53');
			if (b < 128)
				return n;
		}
		throw new Error('the server sent a number of more than 10 bytes');
	}

	bool() {
		const v = this.uint();
		demand(v < 2, `a bool of ${v}`);
		return v === 1;
	}

	take(n) {
		demand(this.at + n <= this.buffer.length, 'a field that runs past its message');
		this.at += n;
		return this.buffer.subarray(this.at - n, this.at);
	}

	str(n = this.uint()) {
		const s = strictUtf8.decode(this.take(n));
		demand(!s.includes('\0'), 'a text with U+0000');
		return s;
	}

	op() {
		const op = [];
		for (let count = this.uint(); count > 0; count--) {
			const header = this.uint(), n = Math.floor(header / 4), kind = header % 4;
			demand(kind < 3, 'a component of kind 3');
			op.push(kind === 2 ? this.str(n) : kind === 1 ? -n : n);
		}
		demand(fault(op) === '', `the operation ${JSON.stringify(op)}: ${fault(op)}`);
		return op;
	}

	sel() {
		return Array.from({length: this.uint()}, () => [this.uint(), this.uint()]);
	}

	fields(fields) {
		const object = {};
		for (const [name, kind] of Object.entries(fields)) {
			object[name] = typeof kind === 'string' ? this[kind]()
				: Array.from({length: this.uint()}, () => this.fields(kind[0]));
		}
		return object;
	}
}

const binary = {
	subprotocol: 'codecollab.v1.bin',
	encode(message) {
		const [type, fields] = fromClient[message.t];
		const body = [], head = [];
		putUint(body, type);
		putFields(body, fields, message);
		putUint(head, body.length);
		return Buffer.from(head.concat(body));
	},
	decode(frame, isBinary) {
		demand(isBinary, 'a text frame to a binary peer');
		const messages = [], bytes = new Bytes(frame);
		while (bytes.at < frame.length) {
			const one = new Bytes(bytes.take(bytes.uint()));
			const known = serverTypes.get(one.uint());
			if (known)
				messages.push({t: known[0], ...one.fields(known[1])});
		}
		return messages;
	},
};

module.exports = {json, binary, fromClient, putUint, putStr};
