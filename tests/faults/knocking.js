/*
 * knocking.js: who fails to come in again and again is refused unheard; what a server's log says of it; a renewed certificate; and
 * a server that is told to stop while fifty do not read.
 */
'use strict';

const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const {execFileSync} = require('node:child_process');
const {Peer, parseUrl, upgrade} = require('../e2e/peer.js');
const {Host, eventually, run, scratch} = require('../e2e/host.js');

const LOOPBACK = 100; // so many times as often may a loopback address fail
const SLOW = 50;

async function status(url, token) {
	try {
		(await upgrade(url, {subprotocols: ['codecollab.v1.bin'], headers: {Authorization: `Bearer ${token}`}})).close();
		return 101;
	} catch (error) {
		return error.status;
	}
}

/* A new key and certificate in the state directory; its pin. */
function renew(state) {
	const key = path.join(state, 'key.pem'), cert = path.join(state, 'cert.pem');
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
		'-subj', '/CN=codecollab', '-keyout', key, '-out', cert], {stdio: 'ignore'});
	const spki = new crypto.X509Certificate(fs.readFileSync(cert)).publicKey.export({type: 'spki', format: 'der'});
	return crypto.createHash('sha256').update(spki).digest('base64url');
}

run(async () => {
	const stage = scratch(), state = path.join(stage, 'state'), log = path.join(stage, 'log');
	const file = path.join(stage, 'a.txt');
	fs.writeFileSync(file, 'hello\n');
	const host = await Host.start({file, state, args: ['--log', log, '--max-failures', '1']});
	const url = parseUrl(host.editor), lines = () => fs.readFileSync(log, 'utf8').split('\n');

	const peer = new Peer({url: host.owner, name: 'Ada "the first"\n'});
	await peer.connect();
	const doc = await peer.open();
	doc.insert(0, 'x');
	await peer.until(() => doc.inStep(), 'the ack');
	peer.send({t: 'file', do: 'save', path: 'a.txt', to: ''});
	peer.send({t: 'admin', do: 'lock', user: 0, arg: ''});
	peer.send({t: 'admin', do: 'unlock', user: 0, arg: ''});
	await eventually(() => lines().some(line => line.includes('detail="unlock"')), 'the log of an unlock');
	const join = lines().find(line => line.includes('event=join'));
	assert.match(join, /^\S+ event=join room=\S+ peer=127\.0\.0\.1 user=1 name="Ada \\"the first\\"" role=owner$/);
	assert.ok(lines().some(line => line.includes('event=save') && line.includes('user=1')));
	assert.ok(lines().some(line => line.includes('event=admin') && line.includes('detail="lock"')));
	assert.strictEqual(fs.statSync(log).mode & 0o777, 0o600);

	const before = fs.readFileSync(log, 'utf8').split('event=reload').length;
	const old = `${log}.1`;
	fs.renameSync(log, old);
	const pin = renew(state);
	host.child.kill('SIGHUP');
	await eventually(() => fs.existsSync(log) && lines().some(line => line.endsWith('event=reload')), 'the reload');
	assert.strictEqual(before, 1);
	await assert.rejects(upgrade(url, {subprotocols: ['codecollab.v1.bin'], headers: {}}), /another key/);
	url.pin = pin;
	assert.strictEqual(await status(url, url.token), 101);
	doc.insert(0, 'y'); // who was in is in
	await peer.until(() => doc.inStep(), 'the ack');

	for (let i = 0; i < LOOPBACK; i++)
		assert.strictEqual(await status(url, 'forged'), 401);
	assert.strictEqual(await status(url, 'forged'), 429);
	assert.strictEqual(await status(url, url.token), 429);
	doc.insert(0, 'z');
	await peer.until(() => doc.inStep(), 'the ack');
	const all = fs.readFileSync(log, 'utf8') + fs.readFileSync(old, 'utf8');
	assert.strictEqual(all.split('event=refused peer=127.0.0.1 status=401').length - 1, LOOPBACK);
	for (const secret of [url.token, parseUrl(host.owner).token, peer.session])
		assert.ok(!all.includes(secret) && !host.words.includes(secret), 'a secret is in the log');
	await peer.close();
	assert.strictEqual(await host.stop(), 0);

	const slow = await Host.start({file, state, args: ['--max-edits', '100000']});
	const peers = await Promise.all(Array.from({length: SLOW}, async (_, i) => {
		const one = new Peer({url: slow.editor, name: `s${i}`});
		await one.connect();
		await one.open();
		return one;
	}));
	peers.slice(1).forEach(one => one.ws._socket.pause());
	const busy = peers[0].docs.get('a.txt');
	for (let i = 0; i < 100; i++)
		busy.insert(0, '0123456789'.repeat(1000));
	await peers[0].until(() => busy.inStep(), 'the acks');
	const began = performance.now();
	assert.strictEqual(await slow.stop(), 0);
	console.log(`stopped in ${(performance.now() - began).toFixed(0)} ms with ${SLOW - 1} who do not read`);
	assert.strictEqual(fs.readFileSync(file, 'utf8'), busy.toString());
});
