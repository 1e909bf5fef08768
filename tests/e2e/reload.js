/*
 * reload.js: SIGHUP gives a running server another key, certificate and secret: those who are in stay in and notice nothing, and who
 * comes from then on meets what is in the state directory now.
 */
'use strict';

const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const {Peer, parseUrl} = require('./peer.js');
const {Host, eventually, mint, run, scratch} = require('./host.js');

/* A state folder as another server made it, whose key and secret are lent. */
async function donor(stage, name) {
	const state = path.join(stage, name), file = path.join(stage, `${name}.txt`);
	fs.writeFileSync(file, '');
	const host = await Host.start({file, state});
	await host.stop();
	return {state, pin: parseUrl(host.editor).pin};
}

const lend = (from, to, ...names) => names.forEach(name => fs.copyFileSync(path.join(from, name), path.join(to, name)));

async function reload(host, log, what) {
	const count = () => fs.readFileSync(log, 'utf8').match(/event=reload.*/g)?.length ?? 0;
	const before = count();
	host.child.kill('SIGHUP');
	await eventually(() => count() > before, 'the reload');
	assert.match(fs.readFileSync(log, 'utf8').match(/event=reload.*/g).at(-1), what);
}

async function types(peer, word) {
	const doc = peer.docs.get('a.txt');
	doc.insert(0, word);
	await peer.until(() => doc.inStep(), `the ack of ${word}`);
}

async function arrive(url, name) {
	const peer = new Peer({url, name});
	await peer.connect();
	await peer.open();
	await types(peer, `${name} `);
	return peer;
}

/* What the next one meets: which pin is right, and whether a token counts. */
const meets = (url, pin) => ({...parseUrl(url), pin});

async function certificates(host, state, log, other, ada) {
	const old = parseUrl(host.editor).pin;
	assert.notEqual(old, other.pin);
	await assert.rejects(new Peer({url: meets(host.editor, other.pin), name: 'Eve'}).connect(), /another key/);

	lend(other.state, state, 'key.pem'); // without its certificate: whoever renews may be half done
	await reload(host, log, /failed: .*do not belong together/);
	await (await arrive(host.editor, 'early')).close();

	lend(other.state, state, 'cert.pem');
	await reload(host, log, /event=reload$/);
	await types(ada, 'on the old connection ');
	await assert.rejects(new Peer({url: host.editor, name: 'Eve'}).connect(), /another key/);
	await (await arrive(meets(host.editor, other.pin), 'new')).close();
	assert.equal(parseUrl(host.invite(host.room)).pin, other.pin);
}

const kidOf = secret => crypto.createHash('sha256').update('codecollab kid\0').update(secret).digest('hex').slice(0, 16);

async function secrets(host, state, log, other, ada) {
	const url = meets(host.editor, other.pin), was = fs.readFileSync(path.join(state, 'secret'));
	const claims = {aud: 'codecollab', room: host.room, role: 'editor', exp: Math.floor(Date.now() / 1000) + 600};
	const [lives, dead] = [claims, {...claims, exp: 1}].map(one => ({...url, token: mint(state, one)}));
	const kept = path.join(state, 'secrets', kidOf(was));
	const counts = async () => (await arrive(url, 'old')).close();
	const refused = async (with_, status) => assert.rejects(new Peer({url: with_, name: 'Eve'}).connect(), {status});

	fs.writeFileSync(path.join(state, 'secret'), 'short');
	await reload(host, log, /failed: .*is damaged: it has 5 bytes/);
	await counts();

	fs.mkdirSync(path.dirname(kept), {recursive: true, mode: 0o700});
	fs.writeFileSync(kept, was, {mode: 0o600});
	lend(other.state, state, 'secret');
	await reload(host, log, /event=reload$/);
	await types(ada, 'signed by the old one ');
	await counts();
	await (await arrive(lives, 'kept')).close();
	await refused(dead, 401);
	await (await arrive({...url, token: mint(state, claims)}, 'fresh')).close();

	fs.unlinkSync(kept);
	await reload(host, log, /event=reload$/);
	await types(ada, 'signed by none ');
	await refused(url, 401);
	await refused(lives, 401);
	await (await arrive({...url, token: mint(state, claims)}, 'fresher')).close();
	await ada.cut();
	await assert.rejects(ada.connect(), {status: 401});
}

async function main() {
	const stage = scratch(), file = path.join(stage, 'a.txt'), state = path.join(stage, 'state'), log = path.join(stage, 'log');
	fs.writeFileSync(file, '');
	const other = await donor(stage, 'other');
	const host = await Host.start({file, state, args: ['--log', log]});
	const ada = await arrive(host.owner, 'Ada');
	await certificates(host, state, log, other, ada);
	ada.url.pin = other.pin;
	await secrets(host, state, log, other, ada);
	assert.equal(await host.stop(), 0, host.words);
	assert.match(fs.readFileSync(file, 'utf8'), /^fresher signed by none fresh /);
}

run(main);
