/*
 * peer.js: another client of the protocol, written from its page alone: what a browser, a script or an editor plugin would be.
 *
 *	const peer = new Peer({url, codec: 'binary', name: 'Ada'});
 *	await peer.connect();			-- pin checked before a byte is sent, then hello and welcome
 *	const doc = await peer.open('notes.txt');
 *	doc.edit([5, 'abc']);			-- shown at once, sent at once: no waiting for acks
 *	await peer.until(() => doc.inStep(), 'the ack');
 *	peer.cut();  await peer.connect();	-- resumes: missed edits in, unacknowledged ones rebased and sent again
 *
 * A document is kept twice: `text` is what its person sees, `server` the server's revision alone, made only from what came over the
 * wire. So every `check` can be answered, and a wrong transform shows as a difference and not as an opinion.
 *
 * As a program it is a peer that obeys lines on its standard input and answers each with one line of JSON:
 *
 *	node peer.js [--json|--binary] [--name NAME] [--path PATH] URL
 *	["insert", POS, TEXT] ["delete", POS, N] ["select", ANCHOR, HEAD] ["text"] ["people"] ["settle"] ["cut"] ["save"] ["quit"]
 *	["babble", SEED, KEYS]		types KEYS keys at random, losing its connection now and then; answers the number of cuts
 */
'use strict';

const {EventEmitter} = require('node:events');
const crypto = require('node:crypto');
const https = require('node:https');
const net = require('node:net');
const tls = require('node:tls');
const WebSocket = require('ws');
const {Text, compose, difference, movePosition, transform} = require('./ot.js');
const {random} = require('./random.js');
const wire = require('./wire.js');

const DEADLINE_MS = Number(process.env.E2E_DEADLINE_MS ?? 60000); // what is not there by then never comes
const REMEMBERED = 1024; // server revisions kept to place selections that were sent before them

/* wss://HOST:PORT/ROOM#t=TOKEN&fp=PIN */
function parseUrl(text) {
	const url = new URL(text), secrets = new URLSearchParams(url.hash.slice(1));
	return {
		host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 8443), room: url.pathname.slice(1),
		token: secrets.get('t'), pin: secrets.get('fp'),
	};
}

function pinOf(certificate) {
	const spki = new crypto.X509Certificate(certificate.raw).publicKey.export({type: 'spki', format: 'der'});
	return crypto.createHash('sha256').update(spki).digest('base64url');
}

/* A TLS connection to the one key that the URL names; nothing is sent inside it before the key is known to be that one. */
function connectPinned({host, port, pin}) {
	return new Promise((resolve, reject) => {
		const name = net.isIP(host) ? {} : {servername: host};
		const socket = tls.connect({host, port, ...name, rejectUnauthorized: false, ALPNProtocols: ['http/1.1']});
		socket.once('error', reject);
		socket.once('secureConnect', () => {
			socket.off('error', reject);
			if (pinOf(socket.getPeerCertificate()) === pin)
				return resolve(socket);
			socket.destroy();
			reject(new Error('the server has another key than the pin of its URL'));
		});
	});
}

/* The upgrade over a connection made before. Fails with error.status when the server answers with an HTTP status. */
async function upgrade(url, {subprotocols, headers, path}) {
	const socket = await connectPinned(url);
	const agent = new https.Agent();
	agent.createConnection = () => socket;
	const host = net.isIPv6(url.host) ? `[${url.host}]` : url.host;
	const ws = new WebSocket(`wss://${host}:${url.port}/${path ?? url.room}`, subprotocols,
		{agent, headers, perMessageDeflate: false});
	return new Promise((resolve, reject) => {
		ws.once('open', () => resolve(ws));
		ws.once('error', reject);
		ws.once('unexpected-response', (request, response) => {
			response.resume();
			request.destroy();
			reject(Object.assign(new Error(`HTTP ${response.statusCode}`), {status: response.statusCode}));
		});
	});
}

/* One document as a client holds it: revision `rev`, then what is in flight, then what is not sent yet. */
class Doc {
	constructor(peer, path) {
		this.peer = peer;
		this.path = path;
		this.seq = 0;         // the newest own edit sent
		this.inflight = [];   // {seq, op, lost}: sent, not acknowledged; lost: the server never ordered it
		this.buffered = null; // one composed edit that may not be sent yet
		this.carets = new Map(); // user -> [[anchor, head], ...] in the server's text
		this.recent = [];     // {rev, user, op}
		this.waiting = [];    // selections and checks of revisions that are not here yet
		this.checks = 0;
		this.resuming = null; // the revision at which a resumed document may speak again
		this.open = false;
	}

	inStep() {
		return this.open && this.inflight.length === 0 && this.buffered === null;
	}

	toString() {
		return this.text.toString();
	}

	/* ---- own edits ---- */

	edit(op) {
		this.text.apply(op);
		this.caret = this.caret?.map(sel => sel.map(pos => movePosition(op, pos, true)));
		this.buffered = this.buffered ? compose(this.buffered, op) : op;
		this.flush();
	}

	insert(pos, s) {
		this.edit(pos ? [pos, s] : [s]);
	}

	remove(pos, n) {
		this.edit(pos ? [pos, -n] : [-n]);
	}

	flush() {
		if (!this.peer.online || !this.open || this.resuming !== null)
			return;
		for (const entry of this.inflight.filter(e => e.lost)) {
			entry.lost = false;
			this.peer.send({t: 'edit', doc: this.id, rev: this.rev, seq: entry.seq, op: entry.op});
		}
		if (this.buffered === null || this.inflight.length >= this.peer.window)
			return;
		const entry = {seq: ++this.seq, op: this.buffered, lost: false};
		this.buffered = null;
		this.inflight.push(entry);
		this.peer.send({t: 'edit', doc: this.id, rev: this.rev, seq: entry.seq, op: entry.op});
		this.peer.emit('sent', this, entry.seq);
	}

	/* Says where one's own caret is; positions of the text here. */
	select(sel) {
		this.caret = sel;
		this.peer.send({t: 'select', doc: this.id, rev: this.rev, seq: this.seq, sel});
	}

	/* ---- the server's edits ---- */

	/* Revision rev of somebody else: past everything of ours that the server has not ordered yet. */
	remote({rev, user, op}) {
		this.#advance(rev, user, op);
		const first = this.peer.user < user;
		for (const entry of this.inflight)
			[entry.op, op] = transform(entry.op, op, first);
		if (this.buffered !== null)
			[this.buffered, op] = transform(this.buffered, op, first);
		this.text.apply(op);
		this.caret = this.caret?.map(sel => sel.map(pos => movePosition(op, pos, user <= this.peer.user)));
		this.#caughtUp();
	}

	acknowledged({rev, seq}) {
		const entry = this.inflight.shift();
		if (entry?.seq !== seq)
			throw new Error(`${this.path}: ack of ${seq}, and the oldest in flight is ${entry?.seq}`);
		this.#advance(rev, this.peer.user, entry.op);
		this.#caughtUp();
	}

	#advance(rev, user, op) {
		if (rev !== this.rev + 1)
			throw new Error(`${this.path}: revision ${rev} after ${this.rev}`);
		this.server.apply(op);
		this.rev = rev;
		this.#moveCarets(user, op);
		this.recent.push({rev, user, op});
		if (this.recent.length > 2 * REMEMBERED)
			this.recent.splice(0, REMEMBERED);
		const due = this.waiting.filter(m => m.rev <= rev);
		this.waiting = this.waiting.filter(m => m.rev > rev);
		due.forEach(m => (m.t === 'check' ? this.check(m) : this.selected(m)));
	}

	#caughtUp() {
		if (this.resuming !== null && this.rev >= this.resuming)
			this.resuming = null;
		this.flush();
	}

	#moveCarets(user, op) {
		for (const [owner, sel] of this.carets)
			this.carets.set(owner, sel.map(s => s.map(pos => movePosition(op, pos, user <= owner))));
	}

	selected(message) {
		if (message.rev > this.rev)
			return this.waiting.push(message);
		let {sel} = message;
		for (const {rev, user, op} of this.recent.filter(r => r.rev > message.rev))
			sel = sel.map(s => s.map(pos => movePosition(op, pos, user <= message.user)));
		this.carets.set(message.user, sel);
	}

	check(message) {
		if (message.rev > this.rev)
			return this.waiting.push(message);
		if (message.rev !== this.rev)
			return;
		const hash = this.server.hash();
		if (hash !== message.hash)
			throw new Error(`${this.path}: revision ${this.rev} has ${hash} here and ${message.hash} there`);
		this.checks++;
	}

	/* ---- opening and coming back ---- */

	/* `opened` is here, and all its chunks. A document known before keeps what is not acknowledged. */
	start(message, s) {
		if (this.countsFor === this.peer.session)
			this.#ordered(message.seq);
		const fresh = new Text(s), mine = this.open ? this.#unacknowledged() : [];
		let theirs = this.open ? difference(this.server.toString(), s, this.peer.pieces) : [];
		const [kept] = transform(mine, theirs, false);
		this.id = message.doc;
		this.rev = message.rev;
		this.mode = message.mode;
		this.eol = message.eol;
		this.server = fresh;
		this.text = new Text(s);
		this.text.apply(kept);
		if (this.countsFor !== this.peer.session)
			this.seq = 0; // in a session it counts on, whatever is opened again
		this.countsFor = this.peer.session;
		this.inflight = [];
		this.buffered = kept.length ? kept : null;
		this.carets = new Map(message.sels.map(({user, sel}) => [user, sel]));
		this.recent = [];
		this.waiting = [];
		this.resuming = null;
		this.open = true;
		this.flush();
	}

	/* What the fresh text holds of ours is the server's, though no ack of it will come. */
	#ordered(seq) {
		while (this.inflight.length && this.inflight[0].seq <= seq)
			this.server.apply(this.inflight.shift().op);
	}

	#unacknowledged() {
		const ops = this.inflight.map(entry => entry.op);
		if (this.buffered !== null)
			ops.push(this.buffered);
		return ops.reduce(compose, []);
	}

	/* Everything up to rev follows; of ours the server ordered everything up to seq. */
	resumed({doc, rev, seq}) {
		this.id = doc;
		this.resuming = rev;
		const ordered = this.inflight.filter(entry => entry.seq <= seq);
		const lost = this.inflight.filter(entry => entry.seq > seq);
		lost.forEach(entry => (entry.lost = true));
		if (this.peer.composes && lost.length > 1)
			lost.splice(0, lost.length,
				{seq: lost.at(-1).seq, op: lost.map(e => e.op).reduce(compose), lost: true});
		this.inflight = [...ordered, ...lost];
		this.#caughtUp();
	}
}

class Peer extends EventEmitter {
	/*
	 * url; codec 'json' or 'binary'; name; window: how many edits may be in flight (the rest is composed); composes: whether
	 * what was lost with a connection is sent again as one edit or one by one.
	 */
	constructor({url, codec = 'binary', name = codec, color = '', window = Infinity, composes = true}) {
		super();
		this.setMaxListeners(0);
		this.url = typeof url === 'string' ? parseUrl(url) : url;
		this.codec = wire[codec];
		this.hello = {name, color};
		this.window = window;
		this.composes = composes;
		this.session = '';
		this.online = false;
		this.docs = new Map();   // by path
		this.people = new Map(); // by user: name, color, role, state, doc
		this.files = [];
		this.chat = [];
		this.errors = [];        // `error` messages, in order
		this.saved = new Map();  // doc -> revision
		this.log = [];           // every message, if keepsLog
		this.keepsLog = false;
		this.pieces = undefined; // of a text that begins anew: what is not cut to find what changed in it; else characters
		this.bytes = {in: 0, out: 0, edits: 0};
		this.closed = null;      // {code, reason} of the last connection
		this.failure = null;     // the first broken promise of the server
		this.trouble = '';       // what the last connection ended with, if not in peace
	}

	/* Connects, or comes back. Resolves when `welcome` is here. */
	async connect() {
		this.ws = await upgrade(this.url, {
			subprotocols: [this.codec.subprotocol], headers: {Authorization: `Bearer ${this.url.token}`},
		});
		this.online = false;
		this.closed = null;
		this.attach(this.ws);
		const open = [...this.docs.values()].filter(doc => doc.open);
		const docs = open.map(({path, rev, seq}) => ({path, rev, seq}));
		open.forEach(doc => (doc.resuming = Infinity)); // until the server says from where on: `welcome` alone does not
		this.send({t: 'hello', v: 1, ...this.hello, session: this.session, docs});
		await this.until(() => this.online, 'welcome');
	}

	attach(ws) {
		ws._socket.setNoDelay(true);
		ws._socket.on('error', error => (this.trouble = error.message));
		ws.on('message', (frame, isBinary) => this.#frame(ws, frame, isBinary));
		ws.on('error', error => { // a close follows; a frame against RFC 6455 is the server's fault
			if (ws === this.ws && error.code?.startsWith('WS_ERR'))
				this.failure = error;
			this.trouble = error.message;
		});
		ws.on('close', (code, reason) => {
			if (ws !== this.ws)
				return;
			this.online = false;
			this.closed = {code, reason: reason.toString()};
			this.emit('turn');
		});
	}

	#frame(ws, frame, isBinary) {
		if (ws !== this.ws || this.failure)
			return;
		this.bytes.in += frame.length;
		try {
			for (const message of this.codec.decode(frame, isBinary))
				this.#receive(message);
		} catch (error) {
			this.failure = error;
			ws.terminate();
		}
		this.emit('turn');
	}

	send(message) {
		if (this.ws.readyState !== WebSocket.OPEN)
			return;
		const frame = this.codec.encode(message);
		this.bytes.out += Buffer.byteLength(frame);
		if (message.t === 'edit')
			this.bytes.edits++;
		this.ws.send(frame);
	}

	/* Bytes that this codec would never make. */
	sendRaw(frame) {
		this.ws.send(frame);
	}

	/* The connection is torn, as by a train in a tunnel: no close frame, no warning. */
	cut() {
		this.online = false;
		this.ws._socket?.destroy();
	}

	async close() {
		if (this.closed || !this.ws)
			return;
		this.ws.close(1000);
		await this.until(() => this.closed, 'the close');
	}

	/* Waits until the condition holds; it is looked at after every frame. Throws what broke, or after the deadline. */
	until(condition, what, deadline = DEADLINE_MS) {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => end(new Error(`${this.hello.name}: no ${what} in ${deadline} ms; ${this.state()}`)),
				deadline);
			const look = () => {
				const value = !this.failure && condition();
				if (this.failure || value)
					end(this.failure, value);
				else if (this.closed && what === 'welcome')
					end(new Error(`closed with ${this.closed.code} ${this.closed.reason}`));
			};
			const end = (error, value) => {
				clearTimeout(timer);
				this.off('turn', look);
				if (error)
					reject(error);
				else
					resolve(value);
			};
			this.on('turn', look);
			look();
		});
	}

	/* For a failed test: where things stand. */
	state() {
		const docs = [...this.docs.values()].map(doc => `${doc.path} at ${doc.rev}, sent ${doc.seq}, in flight `
			+ `${doc.inflight.map(e => e.seq)}, waits for ${doc.resuming}`);
		return JSON.stringify({online: this.online, closed: this.closed, trouble: this.trouble, errors: this.errors, docs});
	}

	/* Opens a document; path left out: the room's first file. */
	async open(path = this.files.find(f => f.kind === 'file').path, create = false) {
		const doc = this.docs.get(path) ?? new Doc(this, path);
		const errors = this.errors.length;
		this.docs.set(path, doc);
		this.send({t: 'open', path, create});
		await this.until(() => doc.open || this.errors.length > errors, `opened ${path}`);
		if (!doc.open)
			throw new Error(`${path}: ${this.errors.at(-1).code}`);
		return doc;
	}

	/* An error with this code, that came after the first `seen`. */
	refusal(code, seen = 0) {
		return this.until(() => this.errors.slice(seen).find(e => e.code === code), `error ${code}`);
	}

	#receive(message) {
		if (this.keepsLog)
			this.log.push(message);
		handlers[message.t]?.call(this, message);
		this.emit('message', message);
	}

	byId(id) {
		for (const doc of this.docs.values())
			if (doc.id === id && !doc.opening)
				return doc;
		throw new Error(`a message about document ${id}, which is not open`);
	}

	grow(message, doc) {
		const {opened, parts} = doc.opening;
		parts.push(message.text);
		const s = parts.join('');
		const size = Array.from(s).length;
		if (size > opened.size)
			throw new Error(`${doc.path}: more text than ${opened.size} code points`);
		if (size < opened.size)
			return;
		doc.opening = null;
		doc.start(opened, s);
	}
}

const handlers = {
	welcome(m) {
		this.user = m.user;
		this.role = m.role;
		this.room = m.room;
		this.epoch = m.epoch;
		this.files = m.files;
		this.chat = m.chat;
		this.session = m.session;
		this.people = new Map(m.users.map(user => [user.user, user]));
		this.online = true;
	},
	error(m) {
		this.errors.push(m);
	},
	opened(m) {
		const doc = this.docs.get(m.path);
		doc.opening = {opened: m, parts: []};
		this.grow(m, doc);
	},
	chunk(m) {
		for (const doc of this.docs.values())
			if (doc.opening?.opened.doc === m.doc)
				return this.grow(m, doc);
		throw new Error('a chunk of nothing');
	},
	resumed(m) {
		this.docs.get(m.path).resumed(m);
	},
	edit(m) {
		this.byId(m.doc).remote(m);
	},
	ack(m) {
		this.byId(m.doc).acknowledged(m);
	},
	select(m) {
		this.byId(m.doc).selected(m);
	},
	check(m) {
		this.byId(m.doc).check(m);
	},
	join(m) {
		this.people.set(m.user, {state: 'active', doc: 0, ...m});
	},
	leave(m) {
		this.people.delete(m.user);
		this.docs.forEach(doc => doc.carets.delete(m.user));
	},
	activity(m) {
		Object.assign(this.people.get(m.user) ?? {}, {state: m.state, doc: m.doc});
	},
	role(m) {
		Object.assign(this.people.get(m.user) ?? {}, {role: m.role});
	},
	said(m) {
		this.chat.push(m);
	},
	saved(m) {
		this.saved.set(m.doc, m.rev);
	},
};

/* ---- the program ---- */

const commands = {
	insert: (peer, doc, pos, text) => doc.insert(pos, text),
	delete: (peer, doc, pos, n) => doc.remove(pos, n),
	select: (peer, doc, anchor, head) => doc.select([[anchor, head]]),
	text: (peer, doc) => doc.toString(),
	people: peer => [...peer.people.values()],
	save: (peer, doc) => peer.send({t: 'file', do: 'save', path: doc.path, to: ''}),
	async settle(peer, doc) {
		await peer.until(() => doc.inStep(), 'the acks');
	},
	async cut(peer) {
		peer.cut();
		await peer.connect();
	},
	async babble(peer, doc, seed, keys) {
		const dice = random(seed);
		let cuts = 0;
		for (let i = 0; i < keys; i++) {
			const size = doc.text.points, pos = dice.below(size + 1);
			if (dice.below(3) === 0 && pos < size)
				doc.remove(pos, 1);
			else
				doc.insert(pos, 'xyz'[dice.below(3)]);
			await new Promise(resolve => setTimeout(resolve, dice.below(20)));
			if (dice.below(25))
				continue;
			cuts++;
			await commands.cut(peer);
		}
		return cuts;
	},
};

async function main(args) {
	const option = (name, otherwise) => {
		const at = args.indexOf(name);
		return at < 0 ? otherwise : args.splice(at, 2)[1];
	};
	const name = option('--name', 'peer'), path = option('--path');
	const codec = args.includes('--json') ? 'json' : 'binary';
	const peer = new Peer({url: args.filter(a => !a.startsWith('--')).at(-1), codec, name});
	await peer.connect();
	const doc = await peer.open(path);
	console.log(JSON.stringify({user: peer.user, role: peer.role, path: doc.path, text: doc.toString()}));
	for await (const line of require('node:readline').createInterface({input: process.stdin})) {
		const [word, ...rest] = JSON.parse(line);
		if (word === 'quit')
			break;
		const answer = await commands[word](peer, doc, ...rest);
		console.log(JSON.stringify(answer ?? true));
	}
	await peer.close();
}

if (require.main === module) {
	main(process.argv.slice(2)).catch(error => {
		console.error(`peer: ${error.message}`);
		process.exit(1);
	});
}

module.exports = {DEADLINE_MS, Peer, connectPinned, parseUrl, upgrade};
