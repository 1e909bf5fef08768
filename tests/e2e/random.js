/*
 * random.js: random decisions that a printed seed replays (Mulberry32, public domain).
 *
 *	const dice = random(seed);  dice.below(6);  dice.unit();
 */
'use strict';

function random(seed) {
	let state = seed >>> 0;
	const unit = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
	return {unit, below: n => Math.floor(unit() * n)};
}

module.exports = {random};
