/*
 * A peer that shares no code with us: the `ws` package of node.
 *
 *	node ws_peer.js client URL PIN		-- meets a server as browsers and scripts do; says what it saw, a line each
 *	node ws_peer.js server CERT KEY		-- says its port, then echoes; "close CODE REASON" closes with them
 *
 * PIN is the base64url SHA-256 of the server's public key, or "-" for ws://.
 */
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const https = require('https');
const WebSocket = require('ws');

const [role, ...args] = process.argv.slice(2);
const out = (...words) => process.stdout.write(words.join(' ') + '\n');

function pinOf(socket) {
	const key = new crypto.X509Certificate(socket.getPeerCertificate().raw).publicKey;
	return crypto.createHash('sha256').update(key.export({type: 'spki', format: 'der'})).digest('base64url');
}

/* Open, send each message and await its echo, close with 1000; report what happened. */
function visit(label, url, protocols, messages, options = {}) {
	return new Promise((done) => {
		const ws = new WebSocket(url, protocols, {rejectUnauthorized: false, ...options});
		let next = 0;
		let saw = '';
		const step = () => (next < messages.length ? ws.send(messages[next]) : ws.close(1000, 'done'));
		ws.on('unexpected-response', (request, response) => {
			out(label, 'status', response.statusCode);
			response.resume();
			request.destroy();
			done();
		});
		ws.on('upgrade', (response) => {
			saw += ' ' + response.headers['sec-websocket-protocol'];
			if (args[1] !== '-' && pinOf(response.socket) !== args[1])
				saw += ' other-key';
		});
		ws.on('ping', () => { saw.includes('ping') || (saw += ' ping'); });
		ws.on('open', step);
		ws.on('message', (data, binary) => {
			const same = Buffer.from(messages[next]).equals(data) && binary === Buffer.isBuffer(messages[next]);
			if (!same)
				saw += ' changed-' + next;
			next++;
			step();
		});
		ws.on('error', (error) => { saw += ' ' + error.code; });
		ws.on('close', (code, reason) => {
			out(label, 'echoed', next + saw, 'closed', code, reason.toString());
			done();
		});
	});
}

async function client(url) {
	const long = 'é'.repeat(40000);
	const bytes = crypto.createHash('sha512').update('x').digest();
	const token = 't'.repeat(900);
	await visit('json', url, ['codecollab.v1.json'], ['{"t":"x"}', '', long], {headers: {authorization: 'Bearer abc'}});
	await visit('binary', url, ['codecollab.v1.bin'], [bytes, Buffer.alloc(0), Buffer.alloc(1 << 20, 7)]);
	await visit('browser', url, ['codecollab.v1.json', 'bearer.' + token], ['hello']);
	await visit('both', url, ['codecollab.v1.json', 'codecollab.v1.bin'], [bytes]);
	await visit('deflate', url, ['codecollab.v1.json'], [long], {perMessageDeflate: {threshold: 0}});
	await visit('unknown', url, ['chat'], []);
	await visit('none', url, [], []);
	await visit('wrong-opcode', url, ['codecollab.v1.bin'], ['text']);
	await visit('too-large', url, ['codecollab.v1.bin'], [Buffer.alloc((1 << 20) + 1)]);
	out('end');
}

function server(cert, key) {
	const tls = https.createServer({cert: fs.readFileSync(cert), key: fs.readFileSync(key)});
	const door = new WebSocket.Server({server: tls, handleProtocols: (offered) => [...offered][0]});
	door.on('connection', (ws, request) => {
		out('came', request.url, request.headers.authorization, ws.protocol);
		ws.on('pong', () => out('pong'));
		ws.on('message', (data, binary) => {
			const words = binary ? [] : data.toString().split(' ');
			if (words[0] === 'close')
				ws.close(Number(words[1]), words[2]);
			else
				ws.send(data, {binary});
		});
		ws.on('close', (code, reason) => out('left', code, reason.toString()));
		ws.ping();
	});
	tls.listen(0, '127.0.0.1', () => out('port', tls.address().port));
}

({client, server})[role](...args);
