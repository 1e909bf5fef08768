/*
 * origin.js: whom the server takes people for who come by a balancer: by a header of the PROXY protocol, or by X-Forwarded-For; and that
 * nobody else can say so.
 */
'use strict';

const assert = require('node:assert');
const {spawnSync} = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const tls = require('node:tls');
const {Host, eventually, run, scratch} = require('./host.js');

const PROXY = '127.0.0.8', OTHER_PROXY = '127.0.0.9', FORWARDER = '127.0.0.6', PERSON = '127.0.0.1';
const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

const line = from => Buffer.from(`PROXY TCP${from.includes(':') ? '6' : '4'} ${from} ${from} 50000 8443\r\n`);
const binary = from => Buffer.concat([SIGNATURE, Buffer.from([0x21, 0x11, 0, 19]), Buffer.from(from.split('.').map(Number)),
	Buffer.from([10, 0, 0, 1, 0xc3, 0x50, 0x20, 0xfb, 4, 0, 4, 0, 0, 0, 0])]); // and a TLV
const look = Buffer.concat([SIGNATURE, Buffer.from([0x20, 0, 0, 0])]);

const upgrade = (fields = '', where = '/room') => `GET ${where} HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
	'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
	`Sec-WebSocket-Protocol: codecollab.v1.json\r\n${fields}\r\n`;

/* What came back: an HTTP status, or 0 when the server hung up before that. `send` writes what goes before TLS. */
function ask(host, localAddress, send, request) {
	return new Promise(resolve => {
		const socket = net.connect({host: '127.0.0.1', port: host.port, localAddress});
		let heard = '';
		const over = () => resolve(Number(heard.match(/^HTTP\/1.1 (\d+)/)?.[1] ?? 0));
		socket.setNoDelay(true);
		socket.on('error', over);
		socket.on('close', over);
		socket.on('connect', async () => {
			await send(socket);
			if (!request)
				return;
			const inside = tls.connect({socket, rejectUnauthorized: false, ALPNProtocols: ['http/1.1']}, () => inside.write(request));
			inside.on('data', data => (heard += data));
			inside.on('error', over);
			inside.on('close', over);
		});
	});
}

const whole = header => socket => void socket.write(header);
const nothing = () => {};

/* With TLS's first record in one piece, and byte by byte. */
const together = header => socket => {
	socket.cork();
	socket.write(header);
	setImmediate(() => setImmediate(() => socket.uncork()));
};
const apart = header => async socket => {
	for (const byte of header) {
		await new Promise(resolve => socket.write(Buffer.from([byte]), resolve));
		await new Promise(resolve => setImmediate(resolve));
	}
};

/* The newest attempt in the log, from there on. */
async function refusedFrom(host, since) {
	const found = () => host.words.slice(since).match(/event=refused peer=(\S+) status=401/);
	await eventually(found, 'a line in the log');
	return found()[1];
}

async function known(host, ...asked) {
	const since = host.words.length;
	assert.equal(await ask(host, ...asked), 401);
	return refusedFrom(host, since);
}

async function proxied(host) {
	assert.equal(await known(host, PROXY, whole(line('192.0.2.1')), upgrade()), '192.0.2.1');
	assert.equal(await known(host, PROXY, whole(line('2001:db8::7')), upgrade()), '2001:db8::7');
	assert.equal(await known(host, OTHER_PROXY, whole(line('::ffff:192.0.2.2')), upgrade()), '192.0.2.2');
	assert.equal(await known(host, PROXY, whole(binary('192.0.2.3')), upgrade()), '192.0.2.3');
	for (const [i, how] of [together, apart].entries())
		for (const [j, header] of [line, binary].entries())
			assert.equal(await known(host, PROXY, how(header(`192.0.2.1${i}${j}`)), upgrade()), `192.0.2.1${i}${j}`);
	assert.equal(await ask(host, PROXY, whole(look), 'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n'), 200);
	assert.equal(await known(host, PROXY, whole(look), upgrade()), PROXY);
	/* what a client behind it writes into its request is nothing to us */
	assert.equal(await known(host, PROXY, whole(line('192.0.2.4')), upgrade('X-Forwarded-For: 192.0.2.99\r\n')), '192.0.2.4');
}

/* It must say so, correctly and soon; and others may not. */
async function wrong(host) {
	const since = host.words.length;
	assert.equal(await ask(host, PROXY, nothing, upgrade()), 0, 'no header');
	await eventually(() => host.words.slice(since).includes(`event=refused peer=${PROXY} status=400`), 'that it is told');
	assert.equal(await ask(host, PERSON, whole(line('192.0.2.5')), upgrade()), 0, 'a header of nobody');
	assert.equal(await ask(host, FORWARDER, whole(line('192.0.2.5')), upgrade()), 0, 'nor of the other kind');
	assert.equal(await ask(host, PROXY, whole(Buffer.from('PROXY TCP4 a b 1 2\r\n')), upgrade()), 0, 'a wrong header');
	assert.equal(await ask(host, PROXY, whole(Buffer.from('PROXY TCP4 192.0')), null), 0, 'half of one');
	assert.equal(await ask(host, PROXY, socket => void socket.end('PROXY TCP4 192.0'), null), 0, 'and then none');
	assert.equal(await ask(host, PROXY, whole(Buffer.concat([line('192.0.2.5'), line('192.0.2.6')])), upgrade()), 0, 'two');
	assert.equal(await known(host, PERSON, nothing, upgrade()), PERSON);
}

async function forwarded(host) {
	const via = (from, list) => known(host, from, nothing, upgrade(list && `X-Forwarded-For: ${list}\r\n`));
	assert.equal(await via(FORWARDER, '198.51.100.1'), '198.51.100.1');
	assert.equal(await via(FORWARDER, '127.0.0.1, 198.51.100.2'), '198.51.100.2');
	assert.equal(await via(FORWARDER, `198.51.100.3, ${FORWARDER}`), '198.51.100.3');
	assert.equal(await via(FORWARDER, 'unknown'), FORWARDER);
	assert.equal(await via(FORWARDER, ''), FORWARDER);
	assert.equal(await via(PERSON, '198.51.100.4'), PERSON);
	assert.equal(await known(host, PROXY, whole(line(FORWARDER)), upgrade('X-Forwarded-For: 198.51.100.5\r\n')), '198.51.100.5');
}

/* Who fails too often is one behind the balancer, and not everybody there. */
async function limited(host) {
	const proxied = from => ask(host, PROXY, whole(line(from)), upgrade());
	const forwarded = from => ask(host, FORWARDER, nothing, upgrade(`X-Forwarded-For: ${from}\r\n`));
	for (let i = 0; i < 3; i++)
		assert.equal(await proxied('203.0.113.1'), 401);
	assert.equal(await proxied('203.0.113.1'), 429);
	assert.equal(await forwarded('203.0.113.1'), 429, 'one way or the other');
	assert.equal(await proxied('203.0.113.2'), 401);
	assert.equal(await forwarded('203.0.113.3'), 401);
}

function options(stage) {
	for (const [option, value] of [['--proxy-protocol', 'balancer.example.org'], ['--forwarded-for', '10.0.0.1/8'], ['--proxy-protocol', '']]) {
		const {status, stderr} = spawnSync(process.env.CODECOLLAB, ['host', path.join(stage, 'b'), '--headless', '--state',
			path.join(stage, 'other'), '--listen', '127.0.0.1:0', option, value], {encoding: 'utf8'});
		assert.equal(status, 1);
		assert.ok(stderr.includes(`${option} ${value}: `), stderr);
	}
}

run(async () => {
	const stage = scratch(), file = path.join(stage, 'a.txt');
	fs.writeFileSync(file, 'one\n');
	const host = await Host.start({file, state: path.join(stage, 'state'), listen: '0.0.0.0:0',
		args: ['--proxy-protocol', `${PROXY}/31`, '--forwarded-for', `${FORWARDER},127.0.0.7`, '--max-failures', '3', '--max-handshake', '2']});
	await proxied(host);
	await wrong(host);
	await forwarded(host);
	await limited(host);
	options(stage);
	assert.equal(await host.stop(), 0, host.words);
});
