//! The sentences in English.

/// Each sentence by its key; where a number in it is 1, the one with `.one` behind its key comes
/// first.
const SENTENCES: &[(&str, &str)] = &[
    // The shape.
    (
        "shape.too_few",
        "{people} people took part in the last 90 days. From 12 on, this page shows how they hang together.",
    ),
    ("shape.too_few.none", "Nobody took part in the last 90 days."),
    (
        "shape.too_few.one",
        "One person took part in the last 90 days. From 12 on, this page shows how people hang together.",
    ),
    (
        "shape.too_early",
        "{people} people took part and thanked each other {receipts} times. It is too early to say how the group hangs together.",
    ),
    (
        "shape.pool.few_ties",
        "People here stand side by side: {tied} % have helped somebody or been helped in the last 90 days.",
    ),
    (
        "shape.pool.islands",
        "Help here stays in small circles: the largest one that does not hang on a single party holds {connected} % of us.",
    ),
    (
        "shape.hub.person",
        "Most help goes through one person. If that person left, {core} % would still have two or more people to turn to.",
    ),
    (
        "shape.hub.operator",
        "Most help comes from the people who run a server. If they left, {core} % would still have two or more people to turn to.",
    ),
    (
        "shape.core.person",
        "If the busiest person left, {core} % would still have two or more people to turn to.",
    ),
    (
        "shape.core.operator",
        "If the busiest party, an operator's staff, left, {core} % would still have two or more people to turn to.",
    ),
    (
        "shape.hub.person.none",
        "Most help goes through one person. If that person left, hardly anybody would still have two people to turn to.",
    ),
    (
        "shape.hub.operator.none",
        "Most help comes from the people who run a server. If they left, hardly anybody would still have two people to turn to.",
    ),
    (
        "shape.core.person.none",
        "If the busiest person left, hardly anybody would still have two people to turn to.",
    ),
    (
        "shape.core.operator.none",
        "If the busiest party, an operator's staff, left, hardly anybody would still have two people to turn to.",
    ),
    (
        "shape.word.pool",
        "That is a pool: people come for the same thing, and little ties them to one another.",
    ),
    ("shape.word.hub", "That is a hub: help goes out from one place, and would stop with it."),
    (
        "shape.word.web",
        "That is a web: help goes to and fro between many, and does not hang on any one of them.",
    ),
    (
        "shape.word.between",
        "That lies between a pool (side by side), a hub (around one) and a web (all ways), and is \
         clearly none of them.",
    ),
    ("shape.early", "This is an early sign: more people and more thanks will tell."),
    ("shape.unsettled", "It is not settled: with slightly other thanks, it would look otherwise."),
    (
        "shape.firm",
        "It does not rest on a few thanks: of 100 rounds in which thanks were picked by lot, {agree} came out the same.",
    ),
    ("shape.before", "90 days earlier, {core} % would have had two or more people to turn to."),
    // Shares.
    ("rate.gave", "{part} of {of} who took part helped somebody ({low} to {high} %)."),
    (
        "rate.received",
        "{part} of {of} who took part were helped by another member ({low} to {high} %).",
    ),
    ("rate.both", "{part} of {of} did both ({low} to {high} %)."),
    (
        "rate.participation",
        "{part} of {of} who have been members for 28 days or more came by in the last 28 days ({low} to {high} %).",
    ),
    (
        "rate.asks_confirmed",
        "{part} of {of} asks were followed by a thanks within 7 days ({low} to {high} %).",
    ),
    (
        "rate.newcomers_returned",
        "{part} of {of} newcomers came back within four weeks ({low} to {high} %).",
    ),
    (
        "rate.first_posts_answered",
        "{part} of {of} first posts got an answer from a member within a day ({low} to {high} %).",
    ),
    ("rate.ranges", "In brackets: the range in which the true share probably lies."),
    ("rate.plain.gave", "{part} of {of} who took part helped somebody."),
    ("rate.plain.received", "{part} of {of} who took part were helped by another member."),
    ("rate.plain.both", "{part} of {of} did both."),
    (
        "rate.plain.participation",
        "{part} of {of} who have been members for 28 days or more came by in the last 28 days.",
    ),
    ("rate.plain.asks_confirmed", "{part} of {of} asks were followed by a thanks within 7 days."),
    ("rate.plain.newcomers_returned", "{part} of {of} newcomers came back within four weeks."),
    (
        "rate.plain.first_posts_answered",
        "{part} of {of} first posts got an answer from a member within a day.",
    ),
    ("rate.now", "Last window: {part} of {of}, {low} to {high} %."),
    ("rate.now.plain", "Last window: {part} of {of}; shares are shown from 12 on."),
    ("reply.member", "Half of all asks get a first reply from a member within {time}."),
    ("reply.none", "Fewer than half of all asks got a reply from a member."),
    ("help.total", "{receipts} times in 90 days, somebody said that another one helped."),
    ("help.total.one", "Once in 90 days, somebody said that another one helped."),
    ("help.total.none", "Nobody has said thanks in the last 90 days."),
    ("help.by_staff", "{staff} of those times the helper was staff."),
    (
        "help.on_proof",
        "{proof} of them are signed by who was helped, so that this group's server could not make them up.",
    ),
    ("help.the_rest", "For the others, you have to believe this group's server."),
    ("help.attested", "For all of them, you have to believe this group's server."),
    // Who carries it.
    ("concentration.half", "Half of all help is given by {half} of {people} people."),
    ("concentration.half.one", "Half of all help is given by one of {people} people."),
    ("concentration.even", "Help is spread evenly."),
    ("concentration.watch", "Help begins to rest on few; worth watching."),
    ("concentration.leaning_on_few", "Help leans on few."),
    ("concentration.carried_by_one", "Help is carried by one."),
    (
        "concentration.largest",
        "Whoever gives most gives {share} % of it; people who run the same server count as one.",
    ),
    (
        "concentration.dots",
        "Each dot is one of us; the filled ones, who are not named, give half of all help.",
    ),
    (
        "concentration.dots.many",
        "Each dot is {each} of us; the filled ones, who are not named, give half of all help.",
    ),
    // What help does.
    (
        "generosity.returned",
        "{share} % of help came back from the same person within 30 days; by chance it would be {chance} %.",
    ),
    (
        "generosity.returned.plain",
        "{share} % of help came back from the same person within 30 days.",
    ),
    (
        "generosity.unowed",
        "{share} % of help was given without owing any: who got it had not helped the giver for a year.",
    ),
    (
        "generosity.passed_on",
        "{part} of {of} who were helped for the first time then helped somebody else within 90 days.",
    ),
    // Who could take it away.
    ("held.member_owned", "Nobody holds this group: it is owned by its members."),
    ("held.shared", "This group is shared, and depends on {who}."),
    (
        "held.held_by",
        "This group is held by {who}: on the whole, more than 60 % is in their hands.",
    ),
    ("held.too_few", "From 12 people on, this page shows who holds how much."),
    (
        "held.can_close",
        "If {who} closed this group, it would be gone: no other server has shown that it could take over.",
    ),
    (
        "held.standby",
        "If {who} closed this group, another server could take over, as it has shown within a week.",
    ),
    ("held.flag.help", "Of all help, {share} % is given by {who}."),
    ("held.flag.moderation", "Of the moderation, {share} % is done by {who}."),
    ("held.flag.ballots", "Of the ballots, {share} % are cast by {who}."),
    ("held.one_person", "one person"),
    ("held.few_people", "a small server"),
    ("held.part.roll", "hosts the voters"),
    ("held.part.members", "hosts the members"),
    ("held.part.help", "gives the help"),
    ("held.part.moderation", "moderates"),
    ("held.part.ballots", "casts the votes"),
    ("held.part.existence", "can close it"),
    ("held.part.none", "too few"),
    ("held.existence.alone", "alone"),
    ("held.existence.half", "not alone"),
    ("held.existence.no", "no"),
    ("held.mean", "on the whole"),
    ("held.percent", "{share} %"),
    // What is not there yet.
    ("missing.shape", "How the group hangs together is shown when {needs}."),
    ("missing.firm_shape", "It is more than an early sign when {needs}."),
    ("missing.concentration", "Who carries the help is shown when {needs}."),
    ("missing.generosity", "Where help travels is shown when {needs}."),
    ("missing.held", "Who holds how much is shown when {needs}."),
    ("needs.people", "{people} more people take part"),
    ("needs.people.one", "one more person takes part"),
    ("needs.receipts", "{receipts} more thanks are said"),
    ("needs.receipts.one", "one more thanks is said"),
    ("needs.both", "{people} more people take part and {receipts} more thanks are said"),
    // Pictures.
    ("web.title", "The web of help"),
    (
        "web.desc",
        "A drawing of {people} people who took part in the last 90 days, as dots without names, and {ties} lines between those who helped each other. {alone} have no line yet.",
    ),
    ("web.desc.staff", "Operators and their staff stand apart as squares: {operators}."),
    ("web.you", "Your own dot is ringed."),
    ("web.key.person", "one of us"),
    ("web.key.you", "you"),
    ("web.key.staff", "people who run a server"),
    ("web.key.alone", "on the rim: no line yet"),
    ("web.empty", "Nobody has taken part yet."),
    ("trend.participation", "Members who came by"),
    ("trend.received", "People who were helped"),
    ("trend.gave", "People who helped"),
    ("trend.asks_confirmed", "Asks followed by thanks"),
    ("trend.first_posts_answered", "First posts answered within a day"),
    (
        "trend.desc",
        "Twelve windows of 90 days, each ending 30 days after the one before, from {from} to {to}. The band shows the range in which the true share lies in 95 of 100 cases.",
    ),
    ("trend.gap", "Where the band is missing, fewer than 12 were counted."),
    ("trend.none", "shown from 12 on"),
    ("trend.percent", "{share} %"),
    // A month, as the group itself sums it up.
    ("month.asks", "There were {asks} asks."),
    ("month.asks.none", "Nobody asked for a hand."),
    ("month.asks.one", "There was one ask."),
    ("month.answered", "{answered} of these asks were answered."),
    ("month.answered.none", "None of these asks was answered yet."),
    ("month.answered.one", "One of these asks was answered."),
    ("month.answered.the_one", "It was answered."),
    ("month.answered.the_one.none", "It was not answered yet."),
    ("month.receipts", "{receipts} times somebody said that they were helped."),
    ("month.receipts.none", "Nobody said thanks."),
    ("month.receipts.one", "Once somebody said that they were helped."),
    ("month.helpers", "{helpers} people helped."),
    ("month.helpers.one", "One person helped."),
    ("month.helped", "{helped} people were helped."),
    ("month.helped.one", "One person was helped."),
    ("month.by_staff", "Help by staff is counted apart: {staff} times."),
    ("concentration.title", "Who carries the help"),
    ("held.title", "Who could take the group away"),
];

/// The sentence of that key.
pub fn sentence(key: &str) -> Option<&'static str> {
    SENTENCES.iter().find(|(known, _)| *known == key).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_there_once() {
        let mut keys: Vec<&str> = SENTENCES.iter().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        let all = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), all);
    }
}
