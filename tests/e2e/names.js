/*
 * names.js: paths, names and chat that bite: none reaches the disk, a terminal or a log as it is.
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {Peer} = require('./peer.js');
const {Host, run, scratch} = require('./host.js');

const FIRST = 'one\n';
const long = 'x'.repeat(5000);

/* Each is in no room; those with U+0000 are in no message. */
const paths = [
	'', '.', '..', '/', './a.txt', 'a.txt/', 'a.txt/.', 'sub/../a.txt', '../top/a.txt', '..\\top\\a.txt', '../../etc/passwd',
	'/etc/passwd', '//etc/passwd', 'file:///etc/passwd', '~/.bashrc', '$HOME/x', '%2e%2e%2fa.txt', '..%00/a.txt', '..;/a.txt',
	'link', 'out/passwd', 'secret.link', 'state/secret', '.git/config', '.ssh/authorized_keys',
	'A.TXT', 'a.txt ', ' a.txt', 'a.txt.', 'a.txt::$DATA', 'a.txt:x', 'a\u200b.txt', 'а.txt', 'a.t\u0445t', '\uff41.txt',
	'e\u0301.txt', '\u00e9.txt', '\ufeffa.txt',
	'CON', 'NUL', 'aux.txt', 'COM1', '-rf', '--help', '*', '?', 'a.txt\n', '\ta.txt', '\x1b[2Ja.txt', '\x7f', '\u0085a.txt',
	'\u202etxt.a', '\u2066a.txt\u2069', 'a.txt; rm -rf ~', '$(id)', '`id`', 'a.txt|id', "'; DROP TABLE document; --",
	long, `${'../'.repeat(1000)}etc/passwd`, `${'d/'.repeat(2000)}a.txt`, '字'.repeat(400),
];

/* [what somebody calls themselves, what the others see]: invisible characters go, white space is one space, 32 code points. */
const names = [
	['Ada', 'Ada'],
	['', 'guest'], ['   ', 'guest'], ['\t\n\r', 'guest'], ['\u200b\u200d\u2060', 'guest'], ['\x1b\x07\x7f', 'guest'],
	['  Ada \t  L. ', 'Ada L.'],
	['Ada\nevent=join user=1', 'Ada event=join user=1'],
	['Ada\x1b[31m\x1b]0;title\x07', 'Ada[31m]0;title'],
	['Ada\u009b31m', 'Ada31m'],
	['A\u202ebmiL\u202c', 'AbmiL'], ['\u2066Ada\u2069', 'Ada'], ['\u200fAda\u200e\u061c', 'Ada'],
	['A\u200bd\u200ca\ufeff', 'Ada'], ['A\u00add\u034fa', 'Ada'], ['Ad\u3164a', 'Ada'], ['Ad\ufe0fa', 'Ada'],
	['Ada\u2028x\u2029', 'Adax'], ['A\u{e0041}da', 'Ada'], ['A\ue000da', 'Ada'], ['A\u00a0da', 'A da'],
	['" user=1 name="Eve', '" user=1 name="Eve'], ['\\"', '\\"'], ['%s%n', '%s%n'], ['<b>Ada</b>', '<b>Ada</b>'],
	['Zoë 字😀', 'Zoë 字😀'],
	['x'.repeat(33), 'x'.repeat(32)], [`${'x'.repeat(31)} y`, 'x'.repeat(31)], [`${'x'.repeat(30)} yz`, `${'x'.repeat(30)} y`], ['字'.repeat(100), '字'.repeat(32)], ['😀'.repeat(100), '😀'.repeat(32)],
	[long, 'x'.repeat(32)],
];

const chats = [
	['\x1b]52;c;aGk=\x07hi', ']52;c;aGk=hi'], ['a\nb\r\nc', 'a b c'], ['\u202eabc', 'abc'],
	['event=admin user=1', 'event=admin user=1'], ['字'.repeat(2000), '字'.repeat(1365)],
];

/* Controls, bidi, and what is not seen: none is let into a log. */
const HIDDEN = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;

const colors = ['red', '#12345', '#1234567', '#12345g', '#ff0000\x1b[', '\x1b[31m', '#FF\u0660000'];

function tree(top) {
	return fs.readdirSync(top, {recursive: false, withFileTypes: true}).flatMap(entry => {
		const at = path.join(top, entry.name);
		return entry.isDirectory() && entry.name !== 'state' ? [at, ...tree(at)] : [at];
	}).sort();
}

/* Beside the file: links out of its folder and into the state, and a folder. */
function stageFor(top) {
	const dir = path.join(top, 'top'), file = path.join(dir, 'a.txt');
	fs.mkdirSync(path.join(dir, 'sub'), {recursive: true});
	fs.writeFileSync(file, FIRST);
	fs.symlinkSync('/etc/passwd', path.join(dir, 'link'));
	fs.symlinkSync('/etc', path.join(dir, 'out'));
	fs.symlinkSync('state/secret', path.join(dir, 'secret.link'));
	return {dir, file, state: path.join(dir, 'state')};
}

async function arrive(host, codec, name, more = {}) {
	const peer = new Peer({url: host.owner, codec, name, ...more});
	await peer.connect();
	return peer;
}

/* An owner's, who may do most. */
async function tryPath(peer, bad) {
	const asks = [
		{t: 'open', path: bad, create: false}, {t: 'open', path: bad, create: true},
		...['create', 'mkdir', 'delete', 'save'].map(what => ({t: 'file', do: what, path: bad, to: ''})),
		{t: 'file', do: 'rename', path: bad, to: 'b.txt'}, {t: 'file', do: 'rename', path: 'a.txt', to: bad},
	];
	for (const ask of asks) {
		const seen = peer.errors.length;
		peer.send(ask);
		await peer.until(() => peer.errors.length > seen, `an answer to ${JSON.stringify(ask).slice(0, 100)}`);
		const {code, text, ref} = peer.errors.at(-1);
		assert.ok(['no-such-file', 'forbidden', 'bad-path'].includes(code), `${JSON.stringify(ask)}: ${code}`);
		assert.equal(ref, ask.t);
		assert.ok(bad === '' || !text.includes(bad) || bad.length < 3, 'it is not echoed');
	}
	return asks.length;
}

async function nulPath(host, codec) {
	const peer = await arrive(host, codec, 'Nul');
	peer.send({t: 'open', path: 'a.txt\0.png', create: true});
	await peer.until(() => peer.closed, 'the close after U+0000');
	assert.equal(peer.closed.code, 1008);
	assert.equal(peer.errors.at(-1).code, 'bad-message');
}

/* In the document list of a hello that resumes. */
async function resumedPaths(host, codec) {
	const peer = await arrive(host, codec, 'Resumer');
	peer.cut();
	await peer.until(() => peer.closed, 'the cut');
	paths.slice(0, 20).forEach(bad => peer.docs.set(bad, {open: true, path: bad, rev: 0, seq: 0}));
	await peer.connect();
	await peer.until(() => peer.errors.length === 20, 'a refusal each');
	assert.ok(peer.errors.every(({code, ref}) => code === 'no-such-file' && ref === 'hello'));
	await peer.close();
}

async function called(host, witness, codec, [name, expected], color) {
	const peer = await arrive(host, codec, name, {color});
	await witness.until(() => witness.people.has(peer.user), `${JSON.stringify(name)} to come`);
	const seen = witness.people.get(peer.user);
	assert.equal(seen.name, expected, JSON.stringify(name));
	assert.match(seen.color, /^#[0-9a-f]{6}$/);
	await peer.close();
	await witness.until(() => !witness.people.has(peer.user), 'the leave');
}

async function said(witness, [text, expected]) {
	const before = witness.chat.length;
	witness.send({t: 'say', text});
	await witness.until(() => witness.chat.length > before, 'the chat');
	assert.equal(witness.chat.at(-1).text, expected);
}

async function bites(top, codec) {
	const {dir, file, state} = stageFor(path.join(top, codec)), host = await Host.start({file, state});
	const before = tree(top), witness = await arrive(host, codec, 'Witness');
	let count = 0;
	for (const bad of paths)
		count += await tryPath(witness, bad);
	await nulPath(host, codec);
	await resumedPaths(host, codec);
	for (const [i, name] of names.entries())
		await called(host, witness, codec, name, colors[i % colors.length]);
	for (const text of chats)
		await said(witness, text);
	for (const arg of ['\x1b[2J\n', '\u202eroot\u202c', '\u200b\u2028\u0085', '\u{e0041}'])
		for (const what of ['role', 'invite', `kick${arg}`]) {
			const seen = witness.errors.length;
			witness.send({t: 'admin', do: what, user: 0, arg});
			await witness.until(() => witness.errors.length > seen, 'the refusal');
		}
	assert.ok(witness.online);
	assert.equal((await witness.open()).toString(), FIRST);
	assert.deepEqual(tree(top), before);
	assert.equal(fs.readFileSync(file, 'utf8'), FIRST);
	await witness.close();
	assert.equal(await host.stop(), 0, host.words);
	assert.doesNotMatch(host.words, HIDDEN, 'the log shows what is in it');
	assert.ok(host.words.trim().split('\n').every(line => /event=\w+ |^codecollab: /.test(line)), host.words);
	assert.equal(fs.readdirSync(dir).length, 6);
	return count;
}

async function main() {
	const top = scratch();
	let count = 0;
	for (const codec of ['json', 'binary'])
		count += await bites(top, codec);
	console.log(`${count} paths and ${2 * names.length} names`);
}

run(main);
