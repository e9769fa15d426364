/**
 * Words of the wider worlds to come. They have tokens from the beginning, so that widening the world changes no id; the
 * objects among them are good names for things outside the world as long as they are.
 */

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** Objects that may be drawn later, and odd plurals of some. */
export const RESERVE_OBJECTS = words(`
  lion tiger bear elephant monkey sheep goat chicken penguin owl snake bee ant spider snail ladybug shark whale dolphin
  octopus crab mouse fox wolf deer panda koala giraffe camel kangaroo hedgehog squirrel bat parrot swan crocodile
  dinosaur unicorn grapes pear peach cherry pineapple watermelon tomato potato corn onion broccoli bread cheese egg
  burger sandwich cookie donut candy cup bottle glass fork spoon knife chair bed lamp clock phone computer television
  radio scissors pencil hammer wrench axe ladder broom basket box gift candle crown ring shirt dress shoe sock glove
  scarf bag suitcase ball basketball violin piano trumpet drum truck tractor motorcycle helicopter ship anchor tent
  castle mountain cloud rainbow snowman lightning fire leaf cactus rose sunflower heart envelope robot ghost pumpkin
  kite trophy medal flag
`)

const IRREGULAR: Readonly<Record<string, string>> = {
  sheep: 'sheep',
  deer: 'deer',
  mouse: 'mice',
  wolf: 'wolves',
  fox: 'foxes',
  octopus: 'octopuses',
  peach: 'peaches',
  cherry: 'cherries',
  tomato: 'tomatoes',
  potato: 'potatoes',
  sandwich: 'sandwiches',
  candy: 'candies',
  knife: 'knives',
  glass: 'glasses',
  torch: 'torches',
  wrench: 'wrenches',
  box: 'boxes',
  dress: 'dresses',
  trophy: 'trophies',
  leaf: 'leaves',
  cactus: 'cacti',
  ladybug: 'ladybugs',
  grapes: 'grapes',
  scissors: 'scissors',
}

export const RESERVE_PLURALS = RESERVE_OBJECTS.map((name) => IRREGULAR[name] ?? `${name}s`)

/** Caption words that may be drawn later, at most 8 letters. */
export const RESERVE_CAPTION_WORDS = words(`
  FEBRUARY NOVEMBER DECEMBER MORNING EVENING NOON REPLAY UPDATE BREAKING SPECIAL TOMORROW SIGNAL CAMPING TRAVEL FLIGHT
  ARRIVAL DELAYED BOARDING PLATFORM TRAM METRO FERRY BRIDGE TUNNEL ROAD STREET AVENUE SQUARE TOWER CASTLE CHURCH GARDEN
  FARM FOREST LAKE RIVER OCEAN ISLAND MOUNTAIN VALLEY DESERT SKY STAR MOON SUN EARTH SPACE ROCKET PLANET SCIENCE NATURE
  ANIMAL HEALTH SCHEDULE BUDGET SALES PROFIT MEETING AGENDA SUMMARY QUESTION ANSWER TEST EXAM LESSON CLASS TEACHER
  STUDENT FAMILY FRIENDS BABY MOTHER FATHER KING QUEEN HERO LEGEND MAGIC DREAM HAPPY LUCKY GOLD SILVER BRONZE MEDAL
  WINNER LOSER DRAW MATCH LEAGUE CUP TENNIS SOCCER HOCKEY RUGBY GOLF RACE SPEED POWER ENERGY BATTERY VOLUME MUTE LOGIN
  PASSWORD SEARCH SETTINGS UPLOAD DOWNLOAD ERROR LOADING READY PRESS BUTTON PUSH PULL SLOW FAST ENTER CANCEL ACCEPT
  DELETE SAVE COPY PRINT PAGE BOOK PAPER LETTER EMAIL PHONE CALL TEXT MESSAGE CHAT GROUP VOTE POLL
`)
