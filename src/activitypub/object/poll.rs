//! Polls and events.
use serde_json::Value;

use super::MAX_OPTIONS;
use crate::{
    activitypub::{Refusal, json},
    types::{Time, Uri},
};

/// What can be voted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poll {
    /// Whether more than one option may be chosen.
    pub multiple: bool,
    /// The options in order; their names are unique.
    pub options: Vec<PollOption>,
    /// When it ends.
    pub ends_at: Option<Time>,
    /// When it was closed; set also where only `closed: true` is said.
    pub closed: Option<Time>,
    /// How many people voted, as the author's server says.
    pub voters: Option<i64>,
    /// Whether it is not said of any option how many voted for it, as Mastodon (4.5) does while an
    /// author hides that.
    pub hidden: bool,
}

/// One thing to vote for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollOption {
    /// Its text.
    pub name: String,
    /// How many voted for it, as the author's server says; 0 where it does not.
    pub votes: i64,
}

/// When and where to meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When it starts.
    pub starts: Option<Time>,
    /// When it ends.
    pub ends: Option<Time>,
    /// The name of the place, with its address where it is known.
    pub place: Option<String>,
    /// Where to take part from afar.
    pub online: Option<Uri>,
}

impl Poll {
    /// Reads `oneOf` or `anyOf`; `None` where there is neither.
    ///
    /// # Errors
    /// Both at once, or two options of one name: nobody could say what was voted for.
    pub fn read(value: &Value) -> Result<Option<Self>, Refusal> {
        let (one, any) = (json::many(value, "oneOf"), json::many(value, "anyOf"));
        let multiple = match (one.is_empty(), any.is_empty()) {
            (true, true) => return Ok(None),
            (false, false) => return Err("a poll of both kinds".into()),
            (one_is_empty, _) => one_is_empty,
        };
        let mut options: Vec<PollOption> = Vec::new();
        let said = |option: &Value| votes(option).is_some();
        let hidden = !one.iter().chain(any).any(said);
        for option in one.iter().chain(any).take(MAX_OPTIONS).filter_map(PollOption::read) {
            if options.iter().any(|other| other.name == option.name) {
                return Err("two options of a poll have one name".into());
            }
            options.push(option);
        }
        let ends_at = json::time(value, "endTime");
        let closed_now =
            json::flag(value, "closed").unwrap_or(false).then(|| ends_at.unwrap_or_default());
        Ok((!options.is_empty()).then_some(Self {
            multiple,
            options,
            ends_at,
            closed: json::time(value, "closed").or(closed_now),
            voters: json::count(value, "votersCount"),
            hidden,
        }))
    }
}

impl PollOption {
    fn read(value: &Value) -> Option<Self> {
        let name = json::natural(value, "name")?.trim();
        let votes = votes(value).unwrap_or(0);
        (!name.is_empty()).then(|| Self { name: name.chars().take(500).collect(), votes })
    }
}

fn votes(option: &Value) -> Option<i64> {
    option.get("replies").and_then(|replies| json::count(replies, "totalItems"))
}

impl Event {
    /// Reads the times and the place of an event.
    ///
    /// # Errors
    /// When it ends before it starts.
    pub fn read(value: &Value) -> Result<Self, Refusal> {
        let (starts, ends) = (json::time(value, "startTime"), json::time(value, "endTime"));
        if let (Some(starts), Some(ends)) = (starts, ends)
            && ends < starts
        {
            return Err("an event that ends before it starts".into());
        }
        let locations = json::many(value, "location");
        let virtual_place = |place: &&Value| json::is(place, "VirtualLocation");
        let online = locations.iter().find(virtual_place).and_then(|place| json::id(place, "url"));
        let place = locations.iter().filter(|place| !virtual_place(place)).find_map(place);
        Ok(Self { starts, ends, place, online })
    }
}

/// A place in one line: its name, then its address.
fn place(value: &Value) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    parts.extend(value.as_str().or_else(|| json::natural(value, "name")));
    if let Some(address) = value.get("address") {
        parts.extend(address.as_str());
        let lines = ["streetAddress", "postalCode", "addressLocality", "addressCountry"];
        parts.extend(lines.iter().filter_map(|line| json::text(address, line)));
    }
    parts.retain(|part| !part.trim().is_empty());
    (!parts.is_empty()).then(|| parts.join(", ").chars().take(500).collect())
}
