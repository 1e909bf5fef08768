/*
 * invite.js: `codecollab invite` beside a running server, and what an owner in the room can do: who comes in, as what, until when.
 */
'use strict';

const assert = require('node:assert');
const {execFile} = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const {Peer} = require('./peer.js');
const {Host, run, scratch} = require('./host.js');

/* The command's status, standard output and standard error. */
function invite(host, ...args) {
	return new Promise(resolve => {
		execFile(process.env.CODECOLLAB ?? 'codecollab', ['invite', '--state', host.state, ...args],
			(error, out, words) => resolve({status: error ? error.code : 0, out: out.trim(), words: words.trim()}));
	});
}

async function given(host, ...args) {
	const {status, out, words} = await invite(host, '--room', host.room, ...args);
	assert.equal(status, 0, words);
	return {url: out, id: words.match(/--revoke ([0-9a-f]{24})$/)[1], words};
}

async function hosting() {
	const stage = scratch(), file = path.join(stage, 'a.txt'), state = path.join(stage, 'state');
	fs.writeFileSync(file, 'one\n');
	return Object.assign(await Host.start({file, state}), {file, state});
}

async function arrive(url, codec, name) {
	const peer = new Peer({url, codec, name});
	await peer.connect();
	const doc = await peer.open();
	return {peer, doc};
}

const refused = (url, status) => assert.rejects(arrive(url, 'json', 'Mallory'), {status});

/* Hears why, and that it is for good. */
async function sentAway(peer, act) {
	const byes = [];
	peer.on('message', m => m.t === 'bye' && byes.push(m));
	await act();
	await peer.until(() => peer.closed, 'the close');
	assert.equal(peer.closed.code, 1000);
	assert.equal(byes.length, 1);
	assert.equal(byes[0].code, 'revoked');
	assert.equal(byes[0].retry, 0);
}

const cases = {
	async 'come in, as what it says'() {
		const host = await hosting();
		const {peer: editor, doc} = await arrive((await given(host)).url, 'binary', 'Chosen');
		assert.equal(editor.role, 'editor');
		assert.equal(editor.people.get(editor.user).name, 'Chosen');
		const viewer = await given(host, '--role', 'viewer', '--name', 'Ada Lovelace', '--expires', '2h');
		assert.match(viewer.words, /as viewer/);
		const {peer, doc: read} = await arrive(viewer.url, 'json', 'ignored');
		assert.equal(peer.role, 'viewer');
		assert.equal(peer.people.get(peer.user).name, 'Ada Lovelace');
		peer.send({t: 'edit', doc: read.id, rev: read.rev, seq: 1, op: ['x']});
		await peer.until(() => peer.errors.length, 'the answer');
		assert.equal(peer.errors[0].code, 'read-only');
		doc.insert(0, 'w');
		await peer.until(() => read.toString() === 'wone\n', 'the edit');
		assert.equal((await arrive((await given(host, '--role', 'owner')).url, 'json', 'O')).peer.role, 'owner');
		await host.stop();
	},

	async 'list'() {
		const host = await hosting(), {id} = await given(host, '--role', 'viewer', '--name', 'Ada');
		const {out} = await invite(host, '--list');
		assert.equal(out.split('\n').length, 1 + 3 + 1, out); // the host's three, and ours
		assert.match(out.split('\n').find(line => line.startsWith(id)), /viewer .* - .* Ada$/);
		assert.equal((await invite(host, '--list', '--room', 'elsewhere')).out, 'No invitations.');
		await host.stop();
	},

	async 'revoke'() {
		const host = await hosting(), mine = await given(host), other = await given(host);
		const [ada, ben] = [await arrive(mine.url, 'json', 'Ada'), await arrive(other.url, 'binary', 'Ben')];
		await sentAway(ada.peer, async () => assert.equal((await invite(host, '--revoke', mine.id)).status, 0));
		await ben.peer.until(() => !ben.peer.people.has(ada.peer.user), 'the leave');
		await refused(mine.url, 403);
		ben.doc.insert(0, 'b');
		await ben.peer.until(() => ben.doc.inStep(), 'the ack');
		assert.match((await invite(host, '--list')).out.split('\n').find(line => line.startsWith(mine.id)), /20\d\d-.* 20\d\d-/);
		const {status, words} = await invite(host, '--revoke', 'nobody');
		assert.equal(status, 1);
		assert.match(words, /nobody/);
		await host.stop();
		const again = Object.assign(await Host.start({file: host.file, state: host.state}));
		await refused(mine.url.replace(/:\d+\//, `:${again.port}/`), 403);
		await again.stop();
	},

	/* Nobody keeps a better role by coming back to a session whose token was revoked. */
	async 'a lesser token takes no session over'() {
		const host = await hosting(), editor = await given(host), viewer = await given(host, '--role', 'viewer');
		const {peer} = await arrive(editor.url, 'json', 'Ada');
		const session = peer.session;
		peer.cut();
		await peer.until(() => peer.closed, 'the cut');
		const {peer: next} = await arrive(viewer.url, 'json', 'Ada');
		await next.close();
		const back = new Peer({url: viewer.url, codec: 'json', name: 'Ada'});
		back.session = session;
		await back.connect();
		assert.equal(back.role, 'viewer');
		await host.stop();
	},

	async 'rotate'() {
		const host = await hosting(), before = await given(host);
		const {peer} = await arrive(before.url, 'json', 'Ada');
		const secret = fs.readFileSync(path.join(host.state, 'secret'));
		assert.equal((await invite(host, '--rotate')).status, 0);
		assert.notDeepEqual(fs.readFileSync(path.join(host.state, 'secret')), secret);
		const after = await given(host);
		const {peer: next} = await arrive(after.url, 'json', 'Ben');
		assert.ok(peer.online);
		await peer.close();
		const {peer: again} = await arrive(before.url, 'json', 'Ada');
		await sentAway(again, () => invite(host, '--revoke', before.id));
		await refused(before.url, 403);
		assert.ok(next.online);
		for (const name of fs.readdirSync(path.join(host.state, 'secrets')))
			assert.equal(fs.statSync(path.join(host.state, 'secrets', name)).mode & 0o777, 0o600);
		await host.stop();
	},

	async 'an owner invites and bans'() {
		const host = await hosting(), {peer: owner} = await arrive(host.owner, 'binary', 'Owner');
		const answers = [];
		owner.on('message', m => m.t === 'invited' && answers.push(m));
		const {peer: witness} = await arrive(host.viewer, 'json', 'Witness');
		witness.on('message', m => assert.notEqual(m.t, 'invited'));
		owner.send({t: 'admin', do: 'invite', user: 0, arg: 'viewer 2h Grace H'});
		await owner.until(() => answers.length === 1, 'the invitation');
		assert.equal(answers[0].role, 'viewer');
		assert.equal(answers[0].name, 'Grace H');
		assert.ok(Math.abs(answers[0].expires - Date.now() / 1000 - 7200) < 60);
		const {peer: grace} = await arrive(answers[0].url, 'json', '');
		assert.equal(grace.role, 'viewer');
		owner.send({t: 'admin', do: 'invite', user: 0, arg: 'editor'});
		await owner.until(() => answers.length === 2, 'another');
		const {peer: other} = await arrive(answers[1].url, 'json', 'Other');

		for (const arg of ['', 'king', 'viewer yesterday', `viewer 2h ${'x'.repeat(64)}`, 'x'.repeat(300)]) {
			const count = owner.errors.length;
			owner.send({t: 'admin', do: 'invite', user: 0, arg});
			await owner.until(() => owner.errors.length > count, `the answer to ${arg}`);
			assert.equal(owner.errors.at(-1).code, 'forbidden');
		}

		await sentAway(grace, () => owner.send({t: 'admin', do: 'ban', user: grace.user, arg: ''}));
		await refused(answers[0].url, 403);
		await owner.until(() => !owner.people.has(grace.user), 'the leave');
		assert.ok(other.online && witness.online && owner.online);
		const count = owner.errors.length;
		owner.send({t: 'admin', do: 'ban', user: owner.user, arg: ''});
		await owner.until(() => owner.errors.length > count, 'no');
		const {peer: second} = await arrive(host.owner, 'json', 'Second');
		owner.send({t: 'admin', do: 'ban', user: second.user, arg: ''});
		await owner.until(() => owner.errors.length > count + 1, 'no');
		assert.equal(owner.errors.at(-1).code, 'forbidden');
		assert.match((await invite(host, '--list')).out.split('\n').find(line => line.startsWith(answers[0].id)), /20\d\d-.* 20\d\d-/);
		await host.stop();
	},

	/* Behind a balancer or a forwarded port: all URLs name that, but for the host's own. */
	async 'another name'() {
		const stage = scratch(), file = path.join(stage, 'a.txt'), state = path.join(stage, 'state');
		fs.writeFileSync(file, 'one\n');
		const args = ['--public', 'collab.example.org:443', '--no-pin'];
		const host = Object.assign(await Host.start({file, state, args}), {file, state});
		const named = /^wss:\/\/collab\.example\.org:443\/[a-z0-9-]+#t=[^&]+$/;
		for (const url of [host.owner, host.editor, host.viewer, (await given(host)).url])
			assert.match(url, named);
		assert.match((await given(host, '--address', '127.0.0.1')).url, new RegExp(`^wss://127.0.0.1:${host.port}/.*&fp=`), 'past it');
		assert.match((await given(host, '--address', 'other.example.org:1', '--no-pin')).url, /^wss:\/\/other\.example\.org:1\/[^&]*$/);
		await host.stop();
		const wrong = await Host.start({file, state, args: ['--public', 'a b']}).then(() => null, error => error);
		assert.match(wrong.message, /--public a b/);
		const plain = Object.assign(await Host.start({file, state}), {file, state});
		assert.match((await given(plain)).url, new RegExp(`^wss://127.0.0.1:${plain.port}/.*&fp=`), 'the newest start counts');
		await plain.stop();
	},

	async 'mistakes'() {
		const host = await hosting();
		for (const [args, word] of [
			[[], /which room/], [['--room', 'elsewhere'], /elsewhere/], [['--room', host.room, '--role', 'king'], /king/],
			[['--room', host.room, '--expires', 'soon'], /soon/], [['--room', host.room, '--name', '\u202e'], /name/],
			[['--room', host.room, '--name', '字'.repeat(22)], /name/], [['--room', host.room, '--address', 'a b'], /address/],
			[['--list', '--rotate'], /together/], [['--state', path.join(host.state, 'no')], /nothing/],
		]) {
			const {status, out, words} = await invite(host, ...args);
			assert.equal(status, 1, args);
			assert.equal(out, '');
			assert.match(words, word);
			assert.match(words, /^codecollab: .*[.?]$/);
		}
		assert.match((await given(host, '--address', 'example.org')).url, new RegExp(`^wss://example.org:${host.port}/`));
		assert.match((await given(host, '--address', 'example.org:99')).url, /^wss:\/\/example.org:99\//);
		assert.match((await given(host, '--address', '::1')).url, new RegExp(`^wss://\\[::1\\]:${host.port}/`));
		assert.match((await given(host)).url, new RegExp(`^wss://127.0.0.1:${host.port}/`));
		await host.stop();
	},
};

run(async () => {
	for (const [name, test] of Object.entries(cases)) {
		await test();
		console.log(name);
	}
});
