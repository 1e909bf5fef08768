/*
 * relay.js PORT: a cable that can be pulled: carries TCP to 127.0.0.1:PORT, says the port where it takes it from, and obeys lines:
 *
 *	cut	destroys every connection, as a train in a tunnel does; new ones are carried
 *	down	destroys them and takes no new ones;  up: takes them again
 *
 * Each line is answered with the number of connections it destroyed.
 */
'use strict';

const net = require('node:net');
const readline = require('node:readline');

const pairs = new Set();
let down = false;

const server = net.createServer(near => {
	if (down)
		return near.destroy();
	const far = net.connect(Number(process.argv[2]), '127.0.0.1');
	const pair = [near, far];
	pairs.add(pair);
	for (const socket of pair) {
		socket.setNoDelay(true);
		socket.on('error', () => {});
		socket.on('close', () => {
			pairs.delete(pair);
			pair.forEach(other => other.destroy());
		});
	}
	near.pipe(far).pipe(near);
});

function pull() {
	const count = pairs.size;
	pairs.forEach(pair => pair.forEach(socket => socket.destroy()));
	pairs.clear();
	return count;
}

const commands = {
	cut: pull,
	down() {
		down = true;
		return pull();
	},
	up() {
		down = false;
		return 0;
	},
};

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
readline.createInterface({input: process.stdin})
	.on('line', line => console.log(commands[line]()))
	.on('close', () => process.exit(0));
