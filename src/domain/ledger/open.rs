use super::{
    append::{self, Draft},
    notes::Note,
};
use crate::{
    db::{self, actors::Actor, groups::Group, ledger::State, page::Page},
    domain::Tx,
    error::{Error, Result},
    ledger::{
        Event, Id,
        entry::{Charter, Parameters, Seating},
    },
    types::ActorId,
};

/// Members that are read at once.
const PIECE: i64 = 500;

/// Begins the ledger of a group that has none: what it is, who looks after it, and, where the group
/// is older than its ledger, who is a member. Thanks from before are not in it: the times at which they
/// were said could not be proven any more.
pub(super) fn open(tx: &mut Tx, id: ActorId, draft: &mut Draft) -> Result<State> {
    let actor = tx.actor(id)?;
    let group = db::groups::by_id(tx, id)?.ok_or(Error::internal("a ledger is a group's"))?;
    let state = append::empty(id);
    db::ledger::begin(tx, &state)?;
    let key = db::actors::keys(tx, id)?.ed25519_public;
    let host = tx.node().domain.clone();
    draft.add(Event::Opened { group: Id(actor.ap_id.to_string()), key, host }, &[]);
    let founder = append::id_of(tx, group.founder_id)?;
    draft.add(Event::Charter(charter(&actor, &group, founder.clone())), &[]);
    let seat = Event::Steward { person: founder, seated: true, why: Seating::Founder };
    draft.add(seat, &[group.founder_id]);
    members(tx, id, draft)?;
    Ok(state)
}

/// The charter as it stands.
pub(super) fn charter(actor: &Actor, group: &Group, founder: Id) -> Charter {
    let full = |text: &&str| !text.trim().is_empty();
    let shown = &actor.display_name;
    let mut more = serde_json::Map::new();
    if group.monthly_summary {
        more.insert("monthly_summary".into(), true.into());
    }
    Charter {
        name: if shown.is_empty() { actor.name.clone() } else { shown.clone() },
        purpose: group.purpose.clone(),
        rules: group.rules.lines().filter(full).map(str::to_owned).collect(),
        founders: vec![founder],
        parameters: Parameters {
            min_account_age_days: u32::try_from(group.min_account_age_days).unwrap_or_default(),
            thanks_words: group.thanks_words.split(' ').filter(full).map(str::to_owned).collect(),
            more,
        },
    }
}

fn members(tx: &mut Tx, group: ActorId, draft: &mut Draft) -> Result<()> {
    let mut page = Page { min_id: Some(0), ..Page::newest(PIECE) };
    loop {
        let mut found = db::follows::followers(tx, group, &page)?;
        found.sort_by_key(|(follow, _)| *follow);
        let Some((last, _)) = found.last() else { return Ok(()) };
        page.min_id = Some(*last);
        for (_, member) in found {
            append::translate(tx, group, Note::Joined(member.id), draft)?;
        }
    }
}
