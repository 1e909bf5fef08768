/*
 * wrong.js: what was typed wrong is told in one line on standard error that names it, with status 1; and what helps, helps.
 */
'use strict';

const assert = require('node:assert');
const {spawnSync} = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const {run, scratch} = require('./host.js');

const stage = scratch();

function codecollab(...args) {
	const env = {...process.env, HOME: stage, XDG_STATE_HOME: path.join(stage, 'state'), XDG_RUNTIME_DIR: stage};
	return spawnSync(process.env.CODECOLLAB ?? 'codecollab', args, {cwd: stage, env, input: '', encoding: 'utf8', timeout: 30000});
}

/* What is typed, and the words that must be in the answer. */
const wrong = [
	['bogus', '"bogus" is not a command', 'codecollab help'],
	['a.txt', 'codecollab edit a.txt'],
	['help bogus', '"bogus" is not a command', 'codecollab help'],
	['host --bogus', '--bogus is not an option', 'codecollab host --help'],
	['host a.txt -xyz', '-x is not an option', 'codecollab host --help'],
	['host a.txt b.txt', 'b.txt is one argument too many', 'codecollab host --help'],
	['host a.txt --listen', '--listen needs a value'],
	['host a.txt --listen nonsense', '--listen nonsense', 'port'],
	['host a.txt --state a.txt/below', 'cannot make the state folder a.txt/below', 'Choose another with --state'],
	['host none/b.txt', 'the folder none does not exist', 'mkdir -p none'],
	['edit none/b.txt', 'the folder none/ does not exist', 'mkdir -p none/'],
	['join a.txt', '"a.txt" is neither a join URL', 'nor the name of a room'],
	['join none', 'no room none on this machine', 'codecollab list'],
	['join wss://h/ROOM', 'not a join URL', 'lower-case', 'Quote it'],
	['join ssh://h', 'not a URL of ssh', 'the room is missing', 'ssh://USER@HOST:PORT/ROOM'],
	['invite', 'which room?', 'codecollab invite --room NAME'],
	['doctor --state none', 'cannot find the state folder none'],
];

function isWrong([typed, ...words]) {
	const {status, stdout, stderr} = codecollab(...typed.split(' '));
	assert.equal(status, 1, `${typed}: ${stderr}`);
	assert.equal(stdout, '', typed);
	assert.match(stderr, /^codecollab: [^\n]+\n$/, typed);
	words.forEach(word => assert.ok(stderr.includes(word), `${typed}: "${word}" is not in ${stderr}`));
}

/* However one asks for it. */
function helps(command) {
	const {status, stdout} = codecollab(command, '--help');
	assert.equal(status, 0);
	assert.ok(stdout.startsWith(`codecollab ${command} `), stdout);
	for (const args of [[command, '-h'], ['help', command], ['--help', command]])
		assert.deepEqual(codecollab(...args).stdout, stdout, args.join(' '));
}

run(async () => {
	fs.writeFileSync(path.join(stage, 'a.txt'), 'text\n');
	wrong.forEach(isWrong);
	const general = codecollab().stdout, commands = [...general.matchAll(/^ {2}codecollab ([a-z]+)/gm)].map(found => found[1]);
	assert.ok(commands.includes('host'), general);
	commands.filter(command => !['help', 'version'].includes(command)).forEach(helps);
	for (const args of [['help'], ['-h'], ['--help']])
		assert.deepEqual(codecollab(...args).stdout, general);
});
