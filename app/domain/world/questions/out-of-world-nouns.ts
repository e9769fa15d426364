import { WORLD_OBJECTS } from '../scene'

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/**
 * Names that the world may be widened by. The tokenizer has a token for each, which says nothing until it was trained:
 * all of them belong to the training split.
 */
const TOKEN_NOUNS = words(`
  lion tiger bear elephant monkey sheep goat chicken penguin owl snake bee ant spider snail ladybug shark whale dolphin
  octopus crab mouse fox wolf deer panda koala giraffe camel kangaroo hedgehog squirrel bat parrot swan crocodile
  dinosaur unicorn pear peach cherry pineapple watermelon tomato potato corn onion broccoli cheese egg burger sandwich
  cookie donut candy cup bottle glass fork spoon knife chair bed lamp clock phone computer television radio pencil hammer
  wrench axe ladder broom basket box gift candle crown ring shirt dress shoe sock glove scarf bag suitcase ball
  basketball violin piano trumpet drum truck tractor motorcycle helicopter ship anchor tent castle mountain cloud rainbow
  snowman leaf cactus rose sunflower heart envelope robot ghost pumpkin kite trophy medal flag
`)

/** Names that are spelled in letters: those that a person may think of, in any part of the world. */
const SPELLED_NOUNS = words(`
  zebra leopard cheetah jaguar gorilla baboon hyena jackal badger otter beaver weasel ferret moose reindeer buffalo bison
  donkey mule llama alpaca hippopotamus rhinoceros walrus seal lobster shrimp jellyfish squid starfish salmon trout eagle
  falcon vulture raven crow sparrow robin pigeon dove seagull pelican flamingo peacock ostrich turkey goose lizard gecko
  toad scorpion beetle cricket grasshopper dragonfly moth mosquito wasp worm caterpillar hamster gerbil lynx puma sloth
  raspberry blueberry mango papaya melon apricot plum fig kiwi coconut cabbage lettuce cucumber zucchini eggplant spinach
  radish turnip garlic ginger walnut almond peanut sausage steak pancake waffle muffin croissant pretzel noodle dumpling
  pudding yogurt sofa couch bench stool desk wardrobe drawer shelf mirror carpet curtain pillow blanket mattress fridge
  stove oven toaster kettle teapot saucepan bucket mop sponge towel soap toothbrush comb razor screwdriver drill pliers
  shovel rake wheelbarrow lawnmower chainsaw nail screw laptop keyboard printer tablet microphone headphone speaker
  telescope microscope binoculars calculator stapler ruler eraser crayon notebook newspaper magazine calendar wallet purse
  backpack necklace bracelet earring jacket coat sweater skirt trouser sandal boot slipper helmet mask cape apron tractor
  ambulance scooter skateboard tram subway canoe kayak submarine yacht raft glider parachute bulldozer crane forklift van
  bridge tunnel lighthouse windmill skyscraper temple pyramid fountain statue fence gate chimney balcony staircase elevator
  waterfall volcano island glacier canyon desert river puddle comet planet asteroid satellite tulip daisy orchid lily
  dandelion bamboo fern moss willow cello flute clarinet saxophone harp accordion banjo tambourine xylophone harmonica
  football racket hockey dartboard frisbee surfboard snowboard trampoline puppet doll puzzle dice chessboard yo-yo
  wizard pirate knight mermaid dragon vampire zombie astronaut policeman nurse dentist chef firefighter ballerina clown
`)

const WORLD: ReadonlySet<string> = new Set(WORLD_OBJECTS)

/** One in this many of the spelled names belongs to the test split. */
const TEST_ONE_IN = 4

const tokenNouns = TOKEN_NOUNS.filter((noun) => !WORLD.has(noun))
const spelledNouns = [...new Set(SPELLED_NOUNS)].filter(
  (noun) => !WORLD.has(noun) && !TOKEN_NOUNS.includes(noun) && /^[a-z]+$/.test(noun),
)

/** Nouns of the world outside, by split. The splits share none. */
export const OUT_OF_WORLD_NOUNS = {
  train: [...tokenNouns, ...spelledNouns.filter((noun) => !isTestText(noun))],
  test: spelledNouns.filter((noun) => isTestText(noun)),
} as const

/** Whether a text belongs to the test split: by its FNV-1a hash, so that what is added later moves nothing. */
export function isTestText(text: string): boolean {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return ((hash ^ (hash >>> 15)) >>> 0) % TEST_ONE_IN === 0
}
