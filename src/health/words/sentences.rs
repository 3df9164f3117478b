//! From a report to its sentences.
use super::{
    super::{
        concentration::Evenness,
        held::{Flag, HeldWord, Hold, Holder},
        ratio::WHOLE_BP,
        report::{Figure, Missing, Rate, Report},
        shape::{MIN_PEOPLE, Shape},
    },
    Message,
};

/// All that a report says, by figure; each list is led by what matters most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentences {
    /// Pool, hub or web; the first of them leads the page.
    pub shape: Vec<Message>,
    /// How much help there was.
    pub help: Vec<Message>,
    /// Shares and waits.
    pub rates: Vec<Message>,
    /// Who carries the help.
    pub concentration: Vec<Message>,
    /// Where help travels.
    pub generosity: Vec<Message>,
    /// Who could take it away.
    pub held: Vec<Message>,
    /// What is not shown yet.
    pub missing: Vec<Message>,
}

impl Report {
    /// What this report says.
    #[must_use]
    pub fn sentences(&self) -> Sentences {
        Sentences {
            shape: self.shape(),
            help: self.help(),
            rates: self.shares(),
            concentration: self.carried(),
            generosity: self.travels(),
            held: self.hands(),
            missing: self.missing.iter().map(Missing::message).collect(),
        }
    }

    fn shape(&self) -> Vec<Message> {
        let totals = self.totals.now;
        let Some(numbers) = self.form.numbers else {
            return vec![Message::new("shape.too_few").number("people", totals.people)];
        };
        let operator = numbers.largest_is_operator;
        let core = |person, staff| {
            Message::new(if operator { staff } else { person }).share("core", numbers.core_bp)
        };
        let core_lead = || core("shape.core.person", "shape.core.operator");
        let (lead, word) = match self.form.shape {
            Shape::TooEarly => {
                let early = Message::new("shape.too_early").number("people", totals.people);
                return vec![early.number("receipts", totals.receipts)];
            }
            Shape::Pool if numbers.tied_bp < 4_000 => (
                Message::new("shape.pool.few_ties").share("tied", numbers.tied_bp),
                "shape.word.pool",
            ),
            Shape::Pool => (
                Message::new("shape.pool.islands").share("connected", numbers.connected_bp),
                "shape.word.pool",
            ),
            Shape::Hub => (core("shape.hub.person", "shape.hub.operator"), "shape.word.hub"),
            Shape::Web => (core_lead(), "shape.word.web"),
            Shape::Between => (core_lead(), "shape.word.between"),
        };
        let mut said = vec![lead, Message::new(word)];
        let unsettled = self.form.resamples.is_some_and(|votes| {
            self.form.shape == Shape::Between && votes.between < super::super::shape::MUST_AGREE
        });
        if self.form.firm {
            let agree = self.form.resamples.map_or(0, |votes| votes.of(self.form.shape));
            said.push(Message::new("shape.firm").number("agree", agree));
        } else if unsettled {
            said.push(Message::new("shape.unsettled"));
        } else if self.missing.iter().any(|missing| missing.figure == Figure::FirmShape) {
            said.push(Message::new("shape.early"));
        }
        if let Some(before) = self.form.before.filter(|_| self.form.shape != Shape::Pool) {
            said.push(Message::new("shape.before").share("core", before.core_bp));
        }
        said
    }

    fn help(&self) -> Vec<Message> {
        let totals = self.totals.now;
        if totals.receipts == 0 {
            return vec![Message::new("help.total.none")];
        }
        let mut said = vec![Message::new("help.total").number("receipts", totals.receipts)];
        if let Some(staff) = totals.by_staff.filter(|staff| *staff > 0) {
            said.push(Message::new("help.by_staff").number("staff", staff));
        }
        match totals.on_proof {
            Some(0) => said.push(Message::new("help.attested")),
            Some(proof) => {
                said.push(Message::new("help.on_proof").number("proof", proof));
                if proof < totals.receipts {
                    said.push(Message::new("help.the_rest"));
                }
            }
            None => {}
        }
        said
    }

    fn shares(&self) -> Vec<Message> {
        let rates = &self.rates.now;
        let mut said: Vec<Message> = [
            (rates.asks_confirmed, "rate.asks_confirmed", "rate.plain.asks_confirmed"),
            (rates.gave, "rate.gave", "rate.plain.gave"),
            (rates.received, "rate.received", "rate.plain.received"),
            (rates.both, "rate.both", "rate.plain.both"),
            (rates.participation, "rate.participation", "rate.plain.participation"),
            (
                rates.first_posts_answered,
                "rate.first_posts_answered",
                "rate.plain.first_posts_answered",
            ),
            (rates.newcomers_returned, "rate.newcomers_returned", "rate.plain.newcomers_returned"),
        ]
        .into_iter()
        .filter(|(rate, ..)| rate.of > 0)
        .map(|(rate, ranged, plain)| rate.message(ranged, plain))
        .collect();
        let reply = self.replies.now.member;
        if reply.enough {
            let message = reply.median.map_or(Message::new("reply.none"), |median| {
                Message::new("reply.member").minutes("time", median.minutes)
            });
            said.insert(1.min(said.len()), message);
        }
        let shares = [rates.asks_confirmed, rates.gave, rates.received, rates.both];
        if shares.iter().any(|rate| rate.share.is_some()) {
            said.push(Message::new("rate.ranges"));
        }
        said
    }

    fn carried(&self) -> Vec<Message> {
        let Some(concentration) = &self.concentration.now else { return Vec::new() };
        let word = match concentration.by_party.word {
            Evenness::Even => "concentration.even",
            Evenness::Watch => "concentration.watch",
            Evenness::LeaningOnFew => "concentration.leaning_on_few",
            Evenness::CarriedByOne => "concentration.carried_by_one",
        };
        let half = Message::new("concentration.half")
            .number("half", concentration.by_person.give_half)
            .number("people", self.totals.now.people);
        let mut said = vec![half, Message::new(word)];
        if let Some(largest) = &concentration.by_party.largest {
            said.push(Message::new("concentration.largest").share("share", largest.bp));
        }
        said
    }

    fn travels(&self) -> Vec<Message> {
        let Some(generosity) = &self.generosity.now else { return Vec::new() };
        let mut said = Vec::new();
        let passed = generosity.passed_on;
        if passed.of >= MIN_PEOPLE {
            let message = Message::new("generosity.passed_on").number("part", passed.part);
            said.push(message.number("of", passed.of));
        }
        if let Some(share) = generosity.unowed.share {
            said.push(Message::new("generosity.unowed").share("share", share.bp));
        }
        if let Some(share) = generosity.returned.share {
            said.push(match generosity.returned_by_chance {
                Some(chance) => Message::new("generosity.returned")
                    .share("share", share.bp)
                    .share("chance", chance.bp),
                None => Message::new("generosity.returned.plain").share("share", share.bp),
            });
        }
        said
    }

    fn hands(&self) -> Vec<Message> {
        let named = |hold: &Hold, key| Message::new(key).name("who", &hold.holder.english());
        let mut said = Vec::new();
        let most = self.held.holders.first();
        match (self.held.word, most) {
            (Some(HeldWord::MemberOwned), _) => said.push(Message::new("held.member_owned")),
            (Some(HeldWord::Shared), Some(most)) => said.push(named(most, "held.shared")),
            (Some(HeldWord::HeldBy), Some(most)) => said.push(named(most, "held.held_by")),
            (None, _) | (_, None) => said.push(Message::new("held.too_few")),
        }
        for hold in &self.held.holders {
            match hold.existence_bp {
                WHOLE_BP.. => said.push(named(hold, "held.can_close")),
                1.. => said.push(named(hold, "held.standby")),
                0 => {}
            }
            for flag in &hold.flags {
                let (key, part) = match flag {
                    Flag::Help => ("held.flag.help", hold.help_bp),
                    Flag::Moderation => ("held.flag.moderation", hold.moderation_bp),
                    Flag::Ballots => ("held.flag.ballots", hold.ballots_bp),
                    Flag::Existence => continue,
                };
                said.push(named(hold, key).share("share", part.unwrap_or(0)));
            }
        }
        said
    }
}

impl Rate {
    /// With its range where there is one, else in plain numbers.
    #[must_use]
    pub fn message(&self, ranged: &'static str, plain: &'static str) -> Message {
        let message = |key| Message::new(key).number("part", self.part).number("of", self.of);
        match self.share {
            Some(range) => message(ranged).share("low", range.low).at_most("high", range.high),
            None => message(plain),
        }
    }
}

impl Holder {
    /// The domain, or what is said instead of one.
    #[must_use]
    pub fn english(&self) -> String {
        match self {
            Self::OnePerson => Message::new("held.one_person").english(),
            Self::FewPeople => Message::new("held.few_people").english(),
            Self::Operator { domain } => domain.clone(),
        }
    }
}

impl Missing {
    /// What the figure waits for.
    #[must_use]
    pub fn message(&self) -> Message {
        let key = match self.figure {
            Figure::Shape => "missing.shape",
            Figure::FirmShape => "missing.firm_shape",
            Figure::Concentration => "missing.concentration",
            Figure::Generosity => "missing.generosity",
            Figure::Held => "missing.held",
        };
        let needs = match (self.people, self.receipts) {
            (people, 0) => Message::new("needs.people").number("people", people),
            (0, receipts) => Message::new("needs.receipts").number("receipts", receipts),
            (people, receipts) => {
                Message::new("needs.both").number("people", people).number("receipts", receipts)
            }
        };
        Message::new(key).name("needs", &needs.english())
    }
}
