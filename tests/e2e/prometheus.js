/*
 * prometheus.js: a reader of Prometheus' text format 0.0.4, as strict as its description; nothing that it does not know passes.
 *
 *	const page = parse(body);
 *	page.value('codecollab_refused_total', {reason: '401'})
 *	page.families.get('codecollab_commit_seconds').type		'histogram'
 */
'use strict';

const assert = require('node:assert');

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/, LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const SUFFIXES = {histogram: ['_bucket', '_sum', '_count'], counter: [''], gauge: ['']};
const UNITS = /_(seconds|bytes|info)(_total)?$/, WRONG_UNITS = /_(ms|us|millis\w*|minutes|kb|mb|kilobytes|percent)(_|$)/;

function parseLabels(text) {
	const labels = {};
	let rest = text;
	while (rest) {
		const [whole, name, value] = rest.match(/^([^=]+)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/) ?? assert.fail(`labels ${text}`);
		assert.match(name, LABEL);
		assert.ok(!(name in labels), `label ${name} twice`);
		labels[name] = value;
		rest = rest.slice(whole.length);
	}
	return labels;
}

function parseNumber(text) {
	if (text === '+Inf')
		return Infinity;
	assert.match(text, /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i);
	return Number(text);
}

function parseSample(line) {
	const [, name, , labels, value] = line.match(/^([^\s{]+)(\{(.*)\})? (\S+)$/) ?? assert.fail(`no sample: ${line}`);
	assert.match(name, NAME);
	return {name, labels: parseLabels(labels ?? ''), value: parseNumber(value)};
}

function comment(page, line) {
	const [, word, name, rest] = line.match(/^# (HELP|TYPE) (\S+) (.+)$/) ?? assert.fail(`no HELP or TYPE: ${line}`);
	const family = page.families.get(name) ?? {name, samples: []};
	const key = word.toLowerCase();
	assert.ok(!(key in family), `${word} of ${name} twice`);
	assert.equal(family.samples.length, 0, `${word} of ${name} behind its samples`);
	family[key] = rest;
	page.families.set(name, family);
	return family;
}

/* A sample belongs to the family whose comments stand before it. */
function sample(page, family, line) {
	const one = parseSample(line);
	assert.ok(family?.type in SUFFIXES, `a sample without a type: ${line}`);
	assert.ok(SUFFIXES[family.type].some(suffix => one.name === family.name + suffix), `${line} among those of ${family.name}`);
	const key = one.name + JSON.stringify(Object.entries(one.labels).sort());
	assert.ok(!page.samples.has(key), `twice: ${line}`);
	page.samples.set(key, one.value);
	family.samples.push(one);
}

/* Buckets are cumulative, end with +Inf, and agree with _count. */
function checkHistogram({name, samples}) {
	const buckets = samples.filter(s => s.name === `${name}_bucket`);
	const bounds = buckets.map(s => parseNumber(s.labels.le)), counts = buckets.map(s => s.value);
	for (const row of [bounds, counts])
		row.forEach((value, i) => assert.ok(i === 0 || value >= row[i - 1], `${name} is not cumulative`));
	assert.equal(bounds.at(-1), Infinity);
	assert.equal(counts.at(-1), samples.find(s => s.name === `${name}_count`).value);
	assert.ok(samples.find(s => s.name === `${name}_sum`).value >= 0);
}

function parse(body) {
	const page = {families: new Map(), samples: new Map()};
	let family = null;
	assert.ok(body.endsWith('\n'), 'the last line is not ended');
	for (const line of body.slice(0, -1).split('\n'))
		if (line.startsWith('#'))
			family = comment(page, line);
		else
			sample(page, family, line);
	for (const one of page.families.values()) {
		assert.ok(one.help && one.type, `${one.name} lacks its HELP or TYPE`);
		assert.ok(one.samples.length, `${one.name} has no sample`);
		if (one.type === 'histogram')
			checkHistogram(one);
	}
	page.value = (name, labels = {}) => {
		const value = page.samples.get(name + JSON.stringify(Object.entries(labels).sort()));
		assert.notEqual(value, undefined, `no ${name} ${JSON.stringify(labels)}`);
		return value;
	};
	return page;
}

/* What Prometheus' page on naming asks for. */
function lint(page) {
	for (const {name, type} of page.families.values()) {
		assert.equal(type === 'counter', name.endsWith('_total'), `${name}: _total is for counters`);
		assert.match(name, /^(codecollab|process)_[a-z_]+$/);
		assert.doesNotMatch(name, WRONG_UNITS);
		assert.ok(type !== 'histogram' || UNITS.test(name), `${name}: no unit`);
	}
}

module.exports = {lint, parse};
