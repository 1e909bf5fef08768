#include "src/server/words.h"

/* clang-format off */
const char *const words_how[WORDS] = {
	"able", "amber", "autumn", "blue", "brave", "bright", "brisk", "bronze",
	"calm", "cheerful", "clear", "clever", "cosy", "crimson", "curious", "daring",
	"eager", "early", "fair", "fancy", "fast", "fluffy", "fresh", "friendly",
	"gentle", "golden", "grand", "green", "happy", "honest", "jolly", "keen",
	"kind", "light", "lively", "lucky", "lunar", "mellow", "merry", "mighty",
	"modest", "neat", "nimble", "noble", "patient", "polite", "proud", "quick",
	"quiet", "rapid", "ready", "rosy", "shiny", "silver", "smart", "snowy",
	"solar", "spry", "steady", "sunny", "swift", "tidy", "warm", "wise",
};

const char *const words_who[WORDS] = {
	"alpaca", "badger", "beaver", "bison", "bobcat", "camel", "cheetah", "condor",
	"crane", "cricket", "curlew", "deer", "dingo", "dolphin", "dove", "eagle",
	"falcon", "ferret", "finch", "fox", "gecko", "gibbon", "hamster", "hare",
	"hawk", "hedgehog", "heron", "ibis", "jackdaw", "kestrel", "kiwi", "koala",
	"lark", "lemur", "lion", "llama", "lynx", "magpie", "marmot", "marten",
	"moose", "newt", "ocelot", "orca", "osprey", "otter", "owl", "panda",
	"pelican", "penguin", "puffin", "quail", "rabbit", "raven", "robin", "salmon",
	"seal", "sparrow", "squirrel", "swan", "tapir", "tiger", "turtle", "wombat",
};

const char *const words_does[WORDS] = {
	"asks", "bakes", "balances", "beams", "blinks", "builds", "camps", "chats",
	"cheers", "climbs", "composes", "cooks", "counts", "dances", "digs", "dives",
	"draws", "dreams", "drums", "explores", "flies", "floats", "gardens", "glides",
	"grins", "hikes", "hops", "hums", "juggles", "jumps", "knits", "laughs",
	"learns", "listens", "marches", "mends", "nods", "paddles", "paints", "plays",
	"ponders", "reads", "rests", "rides", "roams", "rows", "runs", "sails",
	"sews", "shares", "sings", "skates", "sketches", "skips", "smiles", "strolls",
	"surfs", "swims", "teaches", "travels", "wades", "walks", "waves", "writes",
};
/* clang-format on */
