/*
 * attack.js: hostile connections, PARALLEL at a time until there were COUNT. A process of its own, told by JSON in its one argument:
 *
 *	node attack.js '{"url": "wss://…", "count": 600, "parallel": 60, "seed": 1}'
 *
 * The URL is a viewer's: some of the hostile are let in. It ends with 0 when all are over, and prints how many of each there were.
 */
'use strict';

const net = require('node:net');
const tls = require('node:tls');
const {parseUrl} = require('../e2e/peer.js');
const {random} = require('../e2e/random.js');

const {url: text, count, parallel, seed} = JSON.parse(process.argv[2]);
const url = parseUrl(text), dice = random(seed);
const KEEP_MS = 20000; // the server's patience is less; whoever is still there then is an answer too

function noise(length) {
	return Buffer.from(Array.from({length}, () => dice.below(256)));
}

function plain() {
	return net.connect({host: url.host, port: url.port});
}

function secure() {
	return tls.connect({host: url.host, port: url.port, rejectUnauthorized: false});
}

function request(token, more = '') {
	return `GET /${url.room} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
		+ 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n'
		+ `Sec-WebSocket-Protocol: codecollab.v1.bin\r\nAuthorization: Bearer ${token}\r\n${more}\r\n`;
}

/* Inside with the viewer's token; then these bytes. */
function inside(bytes, after = () => {}) {
	const socket = secure();
	socket.once('secureConnect', () => socket.write(request(url.token)));
	socket.once('data', () => {
		socket.write(bytes);
		after(socket);
	});
	return socket;
}

const ways = {
	'bytes that are no TLS': () => plain().on('connect', function () { this.write(noise(1 + dice.below(4000))); }),
	'half a ClientHello': () => plain().on('connect', function () {
		this.write(Buffer.from('16030102000100', 'hex'));
		this.write(noise(100));
	}),
	'a reset': () => {
		const socket = plain();
		socket.on('connect', () => socket.resetAndDestroy());
		return socket;
	},
	'a head that never ends': () => {
		const socket = secure();
		const drip = setInterval(() => socket.write('X-A: b\r\n'), 100);
		socket.once('secureConnect', () => socket.write('GET / HTTP/1.1\r\n'));
		return socket.on('close', () => clearInterval(drip));
	},
	'a huge head': () => secure().once('secureConnect', function () {
		this.write(request('x', `X-Much: ${'y'.repeat(200000)}\r\n`));
	}),
	'a forged token': () => secure().once('secureConnect', function () {
		this.write(request(`${url.token.slice(0, -6)}AAAAAA`));
	}),
	'bytes that are no frames': () => inside(noise(1 + dice.below(3000))),
	'half a frame': () => inside(Buffer.concat([Buffer.from('82ff00000000000fffff01020304', 'hex'), noise(1000)]),
		socket => setTimeout(() => socket.destroy(), 200)),
	'a frame of four exabytes': () => inside(Buffer.from('82ff400000000000000001020304', 'hex')),
	'no mask': () => inside(Buffer.from('820161', 'hex')),
	'no hello': () => inside(Buffer.alloc(0), socket => setTimeout(() => socket.destroy(), 500)),
	'pings without end': () => inside(Buffer.concat(Array(2000).fill(Buffer.from('898001020304', 'hex'))),
		socket => socket.pause() && setTimeout(() => socket.destroy(), 500)),
};

const names = Object.keys(ways), tally = {};
let begun = 0, running = 0;

function next() {
	while (running < parallel && begun < count) {
		const name = names[begun++ % names.length];
		const socket = ways[name]();
		running++;
		tally[name] = (tally[name] ?? 0) + 1;
		const patience = setTimeout(() => socket.destroy(), KEEP_MS);
		socket.on('error', () => {});
		socket.on('data', () => {});
		socket.on('close', () => {
			clearTimeout(patience);
			running--;
			next();
		});
	}
	if (begun === count && running === 0)
		console.log(JSON.stringify(tally));
}

next();
