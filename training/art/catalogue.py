"""Which drawings, fonts and photographs the art pack takes, and which of them are held out for tests."""

from __future__ import annotations

# Iconify's packages hold each emoji set as one JSON file of SVG bodies; `licence` and `author` are the set's own.
STYLES = ["noto-v1", "fluent-emoji-flat", "emojione", "fxemoji", "streamline-emojis", "twemoji"]
PACKAGE = "@iconify-json/{style}"

# Names of emoji by thing. Sets name the same emoji differently, hence several; hyphens do not matter.
OBJECTS: dict[str, list[str]] = {
    "dog": ["dog", "dog-face", "poodle", "guide-dog", "service-dog"],
    "cat": ["cat", "cat-face", "black-cat", "grinning-cat", "grinning-cat-face"],
    "fish": ["fish", "tropical-fish"],
    "bird": ["bird", "bird-1", "bird-2", "dove", "eagle", "parrot", "black-bird"],
    "duck": ["duck"],
    "horse": ["horse", "horse-face"],
    "cow": ["cow", "cow-face", "ox"],
    "pig": ["pig", "pig-face"],
    "rabbit": ["rabbit", "rabbit-face"],
    "frog": ["frog", "frog-face"],
    "turtle": ["turtle"],
    "butterfly": ["butterfly", "monarch-butterfly"],
    "apple": ["red-apple", "green-apple", "apple"],
    "banana": ["banana"],
    "strawberry": ["strawberry", "strawberry-1", "strawberry-2"],
    "lemon": ["lemon"],
    "carrot": ["carrot"],
    "pizza": ["pizza", "pizza-1", "pizza-2", "slice-of-pizza"],
    "cake": ["birthday-cake", "birthday-cake-1", "birthday-cake-2", "birthday-cake-3", "shortcake", "shortcake-1"],
    "car": [
        "automobile", "oncoming-automobile", "sport-utility-vehicle", "taxi", "oncoming-taxi", "police-car",
        "oncoming-police-car",
    ],
    "bus": ["bus", "oncoming-bus", "trolleybus"],
    "bicycle": ["bicycle"],
    "train": [
        "train", "locomotive", "steam-locomotive", "high-speed-train", "bullet-train",
        "high-speed-train-with-bullet-nose", "metro",
    ],
    "airplane": ["airplane", "small-airplane", "airplane-departure", "airplane-arrival"],
    "boat": ["sailboat", "motor-boat", "speedboat", "ferry", "ship", "passenger-ship", "canoe"],
    "rocket": ["rocket"],
    "tree": ["deciduous-tree", "evergreen-tree", "palm-tree", "christmas-tree"],
    "flower": ["tulip", "rose", "hibiscus", "blossom", "sunflower", "sunflower-1", "sunflower-2"],
    "mushroom": ["mushroom", "brown-mushroom"],
    "sun": ["sun", "sun-with-face", "black-sun-with-rays"],
    "moon": [
        "crescent-moon", "first-quarter-moon-face", "first-quarter-moon-with-face", "last-quarter-moon-face",
        "last-quarter-moon-with-face", "full-moon-with-face",
    ],
    "umbrella": ["umbrella", "umbrella-with-rain-drops", "umbrella-on-ground"],
    "key": ["key", "old-key"],
    "book": ["closed-book", "green-book", "blue-book", "orange-book", "open-book"],
    "hat": ["top-hat", "womans-hat"],
    "house": ["house", "house-with-garden", "house-building"],
    "guitar": ["guitar"],
    "camera": ["camera", "camera-with-flash"],
    "bell": ["bell"],
    "balloon": ["balloon"],
}

# Things without a name in the world. Left out: what could pass for something that has one (wolf, zebra, tractor, owl).
UNKNOWN_TRAIN = """
    elephant monkey bear panda penguin snail octopus crab spouting-whale dolphin snake giraffe camel spider honeybee
    crocodile kangaroo sauropod hamburger french-fries doughnut cookie bread cheese-wedge grapes watermelon pineapple
    ear-of-corn broccoli egg hot-beverage beer-mug hammer wrench scissors axe telephone television laptop light-bulb
    hourglass-done watch chair bed toilet bathtub trophy soccer-ball drum trumpet microphone wrapped-gift
    envelope backpack mans-shoe t-shirt glasses crown lipstick gem-stone pencil pushpin bomb kitchen-knife anchor
    robot ghost skull helicopter cactus snowman tent fountain ferris-wheel man woman boy baby man-walking
    woman-dancing police-officer waving-hand-1 thumbs-up eye red-heart fire droplet rainbow snowflake
    high-heeled-shoe dress necktie handbag battery magnet telescope microscope syringe pill broom basket
    toilet-paper soap sponge shopping-cart joystick teddy-bear puzzle-piece kite
    game-die chess-pawn artist-palette thread yarn
""".split()
UNKNOWN_TEST = """
    hippopotamus koala hedgehog scorpion squid lobster shrimp lady-beetle sandwich taco sushi pretzel croissant
    kiwi-fruit eggplant avocado peanuts teacup-without-handle wine-glass screwdriver saw ladder desktop-computer
    candle alarm-clock couch-and-lamp door shower sports-medal american-football saxophone package
    briefcase running-shoe jeans sunglasses ring crayon paperclip alien jack-o-lantern
    girl old-man cook woman-running ok-hand ear cloud lollipop ice-cream toolbox thermometer bucket abacus
    scarf gloves
""".split()

# Bold and semibold first of all: thin strokes vanish at 160 pixels. No family is in both lists.
TRAIN_FONTS = [
    "DejaVuSans-Bold", "DejaVuSans", "DejaVuSerif-Bold", "DejaVuSansMono-Bold", "DejaVuSansCondensed-Bold",
    "LiberationSans-Bold", "LiberationSans-Regular", "LiberationSerif-Bold", "LiberationMono-Bold",
    "LiberationSansNarrow-Bold", "NotoSans-Bold", "NotoSerif-Bold", "NotoSansMono-Bold", "Roboto-Bold",
    "Roboto-Regular", "RobotoCondensed-Bold", "RobotoSlab-Bold", "OpenSans-Semibold", "OpenSans-CondBold",
    "Comfortaa-Bold", "Cantarell-Bold", "FiraCode-Bold", "Inconsolata", "ComicNeue-Bold", "AveriaSansGWF-Bold",
    "AveriaSerifGWF-Bold", "BebasNeue-Bold", "Courier Prime Bold", "Carlito-Bold", "Tuffy_Bold", "Hack-Bold",
    "Humor-Sans", "OpenSans-ExtraBold", "Karla-Bold", "LeagueSpartan-Bold", "LeagueMono-Bold", "LinBiolinum_RB",
    "LinLibertine_RB", "Play-Bold", "Andika-Bold", "texgyreadventor-bold", "texgyreschola-bold",
    "texgyrebonum-bold", "Oxygen-Sans-Bold", "NationalPark-Heavy",
]
TEST_FONTS = [
    "Lato-Bold", "Cabin-SemiBold", "Caladea-Bold", "JetBrainsMono-Bold", "Quicksand-Bold", "OldStandard-Bold",
    "Sora-SemiBold", "YanoneKaffeesatz-Bold", "Inter-SemiBold", "texgyrepagella-bold",
]
CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:-.,!?/% "

# Wallpapers without anything that has a name in the world (or that a person would give one of its names).
# File below /usr/share, and how many crops of it.
TRAIN_PHOTOS: list[tuple[str, int]] = [
    ("backgrounds/Bridge_by_Sander_Klootwijk.jpg", 3),
    ("backgrounds/Infinite-Sea_by_Aury88.jpg", 3),
    ("backgrounds/Fossa_by_Jasper_Roks.jpg", 2),
    ("backgrounds/Painting-Colors_by__herobrine7gamer.jpg", 2),
    ("backgrounds/Picture_1A_by_freespace.jpg", 4),
    ("backgrounds/analogpattern_by_Peter_Nerlich.jpg", 2),
    ("backgrounds/life_by_Aitzol_Berasategi.jpg", 6),
    ("backgrounds/umang_by_Abhishek_Mudgal.jpg", 2),
    ("backgrounds/gnome/adwaita-d.webp", 2),
    ("backgrounds/gnome/drool-l.svg", 2),
    ("backgrounds/gnome/blobs-d.svg", 1),
    ("backgrounds/gnome/grid-d.webp", 2),
    ("backgrounds/gnome/licorice-l.webp", 3),
    ("backgrounds/gnome/truchet-d.webp", 2),
    ("backgrounds/gnome/wood-l.webp", 2),
    ("backgrounds/mate/abstract/Elephants.jpg", 3),
    ("backgrounds/mate/abstract/Gulp.png", 1),
    ("backgrounds/mate/desktop/Stripes.png", 2),
    ("backgrounds/mate/desktop/Ubuntu-Mate-Warm-no-logo.png", 2),
    ("backgrounds/mate/desktop/Ubuntu-Mate-Cold-no-logo.png", 2),
    ("backgrounds/mate/nature/Aqua.jpg", 3),
    ("backgrounds/mate/nature/Blinds.jpg", 3),
    ("backgrounds/mate/nature/Dune.jpg", 5),
    ("backgrounds/mate/nature/GreenMeadow.jpg", 4),
    ("backgrounds/mate/nature/Storm.jpg", 4),
    ("backgrounds/mate/nature/RainDrops.jpg", 4),
    ("wallpapers/Altai/contents/images/5120x2880.png", 3),
    ("wallpapers/BytheWater/contents/images/2560x1600.jpg", 5),
    ("wallpapers/Canopee/contents/images/3840x2160.png", 3),
    ("wallpapers/Cluster/contents/images/3840x2160.png", 3),
    ("wallpapers/ColdRipple/contents/images/2560x1600.jpg", 4),
    ("wallpapers/ColorfulCups/contents/images/2560x1600.jpg", 4),
    ("wallpapers/Elarun/contents/images/2560x1600.png", 2),
    ("wallpapers/Flow/contents/images/5120x2880.jpg", 3),
    ("wallpapers/Grey/contents/images/2560x1600.jpg", 4),
    ("wallpapers/Honeywave/contents/images/5120x2880.jpg", 3),
    ("wallpapers/Kay/contents/images/5120x2880.png", 3),
    ("wallpapers/Kokkini/contents/images/3840x2160.png", 2),
    ("wallpapers/MilkyWay/contents/images/5120x2880.png", 2),
    ("wallpapers/OneStandsOut/contents/images/2560x1600.jpg", 4),
    ("wallpapers/PastelHills/contents/images/3200x2000.jpg", 2),
    ("wallpapers/Patak/contents/images_dark/3840x2160.png", 2),
    ("wallpapers/Volna/contents/images/5120x2880.jpg", 4),
    ("wallpapers/summer_1am/contents/images/2560x1600.jpg", 3),
]
#: Behind all of these, lest numbers of photographs change: so many times as many further crops, by the kind of file.
#: Photographs (.jpg) have more to show than drawn wallpapers.
FURTHER_CROPS = {".jpg": 4, ".png": 1, ".webp": 1, ".svg": 1}
TEST_PHOTOS: list[tuple[str, int]] = [
    ("backgrounds/Wine_by_Jakkub_Mede.jpg", 3),
    ("backgrounds/greentock_by_Peter_Nerlich.jpg", 2),
    ("backgrounds/picosdeeuropa_by_Aitzol_Berasategi.jpg", 5),
    ("backgrounds/gnome/drool-d.svg", 1),
    ("backgrounds/gnome/truchet-l.webp", 2),
    ("backgrounds/gnome/adwaita-l.webp", 2),
    ("backgrounds/mate/nature/Wood.jpg", 3),
    ("wallpapers/Cascade/contents/images/3840x2160.png", 2),
    ("wallpapers/DarkestHour/contents/images/2560x1600.jpg", 3),
    ("wallpapers/IceCold/contents/images/5120x2880.png", 2),
    ("wallpapers/Opal/contents/images/3840x2160.png", 3),
    ("wallpapers/Shell/contents/images/5120x2880.jpg", 3),
]
