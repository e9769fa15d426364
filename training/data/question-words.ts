/**
 * Words of questions and answers in general, besides the names of what is drawn: questions are asked in many ways, and
 * people will ask in more than were trained.
 */

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** Words that may begin a sentence: each has a token in lower case and one with a capital. */
export const OPENING_WORDS = words(`
  a an the and or but no not yes nothing none something anything everything one two three four five six seven eight nine
  ten eleven twelve there this that these those it its they he she we you my your what which who whose where when why
  how is are was were am be do does did can could will would should may might has have had please tell give show say
  name list count find describe read write explain compare look see watch check in on at of to from for with without by
  about above below before after between until during since while left right top bottom center middle next first last
  second third then now once twice again also only just if so all any some each every both either neither many much
  more most less few fewer least same different other another how picture image frame video film clip scene photo
  photograph row column tile number text caption word words time seconds second minute minutes color colors background
  object objects thing things shape shapes hello hi thanks ok okay well let does answer use summarize summarise summary duration change changes odd down up direction bright dark
  brightness smallest biggest largest smaller larger bigger leftmost rightmost position repeat compared compare
  total together both
`)

/** Words inside sentences. */
export const INNER_WORDS = words(`
  pictures images frames videos films clips scenes photos photographs rows columns tiles numbers texts captions letter
  letters digit digits times moment moments start starts started begin begins beginning end ends ending stay stays
  stayed last lasts long longer longest short shorter shortest early earlier earliest late later latest appear appears
  appeared appearing disappear disappears disappeared enter enters entered leave leaves left come comes came go goes
  went gone move moves moved moving still standing shown shows seen sees show visible present happen happens happened
  happening change changes changed changing return returns returned cut cuts fade fades turn turns become becomes stop
  stops position place places placed located side sides corner edge upper lower part half near nearest closest next
  under over beside behind front up down away total altogether times exactly together order sequence large larger
  largest big bigger biggest small smaller smallest medium tiny huge bright brighter dark darker brightness light colour
  colours colored coloured plain kind kinds type whole entire full answer question sentence short briefly brief detail
  details sure know knows see contain contains containing include includes find found missing absent odd drawn drawing
  drawings written writing reads says said say screen sign words hidden cannot me i I us them their his her our as than
  too very here out into off like look looks looking people person someone anyone weather music sound story happening
  summary summarize summarise outline key points who said number numbers points per point exist exists is't inside
  outside across along around empty full ahead right-hand left-hand top-left top-right bottom-left bottom-right
  something make made take takes hold holds hand watching shot shots hour hours o'clock day night yet never always ever
  often sometimes mean means think correct true false real quickly quick exact most equal even similar match matches
  difference differences differ change common share only pair pairs single several group unknown clear clearly readable
  unreadable legible blurry blurred recognize recognise familiar speak english help want need ask asked asking anything
  else line questions live plus minus description going whether appearances appearance new flash others way same-sized totals tiled located
  alike identical top-most upper-left upper-right lower-left lower-right horizontal vertical diagonal distance far further
  furthest closer size sizes big world things
`)
