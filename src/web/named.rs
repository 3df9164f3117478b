//! `/@name`: a group or a person, from here or elsewhere.
use actix_web::{HttpRequest, HttpResponse, web};

use super::{
    accept,
    emojis::{Emojis, Names},
    health, ledgers, log,
    reader::Reader,
    show::{self, Lens},
    views::{
        self, Form, GroupLine, Help, LedgerView, NavLink, Page, Pager, Person, Post as PostView,
        ThreadLine,
        pages::{Follow, GroupPage, ProfilePage, Standing},
        words::{self, HelpCounts},
    },
};
use crate::{
    db::{
        Conn,
        actors::{self, Actor},
        follows,
        page::Page as Range,
        posts::Post,
        receipts::Figures,
        timelines::{self, AccountFilter},
    },
    domain::{
        actors::{self as rules, Field},
        groups,
    },
    error::{Error, Result},
    federation::figures,
    text,
};

/// How many threads or posts stand on a page.
const PAGE: i64 = 20;

/// Which part of a list, by the ids at its ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
pub struct Part {
    older: Option<i64>,
    newer: Option<i64>,
}

impl Part {
    /// The rows to read: one more than are shown, to know whether there are others.
    pub fn range(self, size: i64) -> Range {
        Range { max_id: self.older, since_id: None, min_id: self.newer, limit: size + 1 }
    }

    /// Cuts what was read to a page and says what lies beside it.
    pub fn cut<T>(self, rows: &mut Vec<T>, size: i64, path: &str, id: impl Fn(&T) -> i64) -> Pager {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        let upward = self.newer.is_some();
        if more && upward {
            rows.remove(0);
        } else {
            rows.truncate(size);
        }
        let (first, last) = (rows.first().map(&id), rows.last().map(&id));
        let has_newer = if upward { more } else { self.older.is_some() };
        let has_older = if upward { self.newer.is_some() } else { more };
        let link = |word: &str, id: i64| format!("{path}?{word}={id}");
        Pager {
            newer: first.filter(|_| has_newer).map(|id| link("newer", id)).unwrap_or_default(),
            older: last.filter(|_| has_older).map(|id| link("older", id)).unwrap_or_default(),
        }
    }
}

/// The actor that `name` or `name@host` means here.
///
/// # Errors
/// `NotFound`; `Gone` when it was deleted.
pub fn find(conn: &mut Conn, acct: &str, domain: &str) -> Result<Actor> {
    let acct = acct.trim().trim_start_matches('@');
    let found = match acct.split_once('@') {
        Some((name, host)) if !host.eq_ignore_ascii_case(domain) => {
            actors::remote_by_handle(conn, name, &host.to_ascii_lowercase())?
        }
        Some((name, _)) => actors::local_by_name(conn, &name.to_lowercase())?,
        None => actors::local_by_name(conn, &acct.to_lowercase())?,
    };
    let actor = found.ok_or(Error::NotFound)?;
    if actor.deleted_at.is_some() {
        return Err(Error::Gone);
    }
    if actor.suspended_at.is_some() {
        return Err(Error::NotFound);
    }
    Ok(actor)
}

enum Found {
    Activity(String),
    Group(Box<GroupFacts>),
    Person(Box<PersonFacts>),
}

struct GroupFacts {
    actor: Actor,
    line: GroupLine,
    servers: u64,
    standing: Standing,
    asking: String,
    ledger: LedgerView,
    asked: String,
    asks: Vec<ThreadLine>,
    talk: Vec<ThreadLine>,
    pager: Pager,
}

struct PersonFacts {
    actor: Actor,
    emojis: Emojis,
    staff: bool,
    follow: Follow,
    posts: Vec<PostView>,
    pager: Pager,
}

/// The page of a group or a person.
///
/// # Errors
/// `NotFound`, or `Gone`.
pub async fn show(
    reader: Reader,
    req: HttpRequest,
    path: web::Path<String>,
    part: web::Query<Part>,
) -> Result<HttpResponse> {
    let (acct, part, lens) = (path.into_inner(), part.into_inner(), reader.lens());
    let activity = accept::wants_activity(&req);
    let found = reader
        .app
        .read(move |conn| {
            let actor = find(conn, &acct, &lens.domain)?;
            if activity {
                return Ok(Found::Activity(actor.ap_id.to_string()));
            }
            if actor.is_group() {
                Ok(Found::Group(Box::new(group_facts(conn, &lens, actor, part)?)))
            } else {
                Ok(Found::Person(Box::new(person_facts(conn, &lens, actor, part)?)))
            }
        })
        .await?;
    match found {
        Found::Activity(uri) => Ok(accept::to_activity(&uri)),
        Found::Group(facts) => {
            looked_at(&reader, &facts.actor).await?;
            // Nothing to say about a group whose host does not count, or that is private.
            let figures = figures::of(&reader.app, &facts.actor).await.ok();
            let help = figures.map(|figures| words::help(counts(figures)));
            let health = doing(&reader, &facts).await?;
            group(&reader, *facts, help, health)
        }
        Found::Person(facts) => {
            looked_at(&reader, &facts.actor).await?;
            person(&reader, *facts)
        }
    }
}

/// What is known of somebody elsewhere is read anew now and then; only who lives here has us ask.
async fn looked_at(reader: &Reader, actor: &Actor) -> Result<()> {
    if reader.member().is_err() || !rules::is_stale(actor, reader.app.now()) {
        return Ok(());
    }
    let actor = actor.clone();
    reader.app.write(move |tx| rules::used(tx, &actor)).await
}

fn group_facts(conn: &mut Conn, lens: &Lens, actor: Actor, part: Part) -> Result<GroupFacts> {
    let standing = match lens.viewer {
        None => Standing::Visitor,
        Some(viewer) => match follows::between(conn, viewer, actor.id)? {
            Some(follow) if follow.accepted_at.is_some() => Standing::Member,
            Some(_) => Standing::Asked,
            None => Standing::Stranger,
        },
    };
    let path = show::actor_path(&actor);
    let ids = [actor.id];
    let waiting =
        timelines::threads_in(conn, lens.viewer, &ids, true, &Range::newest(PAGE), lens.now)?;
    let range = part.range(PAGE);
    let mut threads = timelines::threads_in(conn, lens.viewer, &ids, false, &range, lens.now)?;
    let pager = part.cut(&mut threads, PAGE, &path, |post| post.id.0);
    if pager.newer.is_empty() {
        threads.retain(|thread| !waiting.iter().any(|ask| ask.id == thread.id));
    }
    let line = show::group_lines(conn, lens, std::slice::from_ref(&actor))?;
    Ok(GroupFacts {
        line: line.into_iter().next().unwrap_or_default(),
        servers: u64::try_from(follows::member_hosts(conn, actor.id)?).unwrap_or_default(),
        standing,
        asking: asking(conn, lens, &actor)?,
        ledger: ledgers::of_group(conn, lens, &actor)?,
        asked: log::waiting(conn, actor.id)?,
        asks: show::thread_lines(conn, lens, &waiting, false)?,
        talk: show::thread_lines(conn, lens, &threads, false)?,
        pager,
        actor,
    })
}

/// How many ask to join, for those who decide about it.
fn asking(conn: &mut Conn, lens: &Lens, group: &Actor) -> Result<String> {
    let Some(viewer) = lens.viewer.filter(|_| group.local && group.locked) else {
        return Ok(String::new());
    };
    if !groups::is_steward(conn, group.id, viewer)? {
        return Ok(String::new());
    }
    let waiting = follows::waiting_for(conn, &[group.id])?;
    let people = waiting.first().and_then(|(_, n)| u64::try_from(*n).ok()).unwrap_or_default();
    Ok(words::count(people, "person asks to join", "people ask to join"))
}

fn counts(figures: Figures) -> HelpCounts {
    let n = |n: i64| u64::try_from(n).unwrap_or_default();
    HelpCounts {
        window_days: n(figures.window_days),
        receipts: n(figures.receipts),
        helpers: n(figures.helpers),
        helped: n(figures.helped),
        across_nodes: n(figures.across_nodes),
        by_staff: n(figures.by_staff),
    }
}

/// How a group is doing, in a sentence, for those who may know.
async fn doing(reader: &Reader, facts: &GroupFacts) -> Result<String> {
    if facts.actor.is_private_group() && facts.standing != Standing::Member {
        return Ok(String::new());
    }
    let report = reader.app.health(facts.actor.id).await?;
    Ok(report.map(|report| health::lead(&report)).unwrap_or_default())
}

fn group(
    reader: &Reader,
    facts: GroupFacts,
    help: Option<Help>,
    health: String,
) -> Result<HttpResponse> {
    let GroupFacts { actor, line, servers, standing, asking, ledger, asked, asks, talk, pager } =
        facts;
    let members = u64::try_from(actor.followers_count).unwrap_or_default();
    let mut page = Page {
        description: line.purpose.clone(),
        alternate: actor.ap_id.to_string(),
        unlisted: !actor.discoverable || !pager.newer.is_empty(),
        ..reader.page(&line.name)
    };
    if !page.groups.iter().any(|known| known.url == line.url) {
        page.groups.push(NavLink { name: line.name.clone(), url: line.url.clone() });
    }
    reader.html_leading_out(&GroupPage {
        page,
        name: line.name,
        pictured: line.pictured,
        handle: line.handle,
        address: actor.acct(),
        url: line.url,
        local: actor.local,
        server: actor.host.clone(),
        original: show::original(&actor),
        purpose: line.purpose,
        members: if actor.local {
            words::members(members, servers)
        } else {
            format!("{} known here", words::members(members, 1))
        },
        help,
        health,
        ledger,
        log: standing == Standing::Member || !actor.is_private_group(),
        asked,
        standing,
        private: actor.is_private_group(),
        asking,
        asks,
        talk,
        pager,
        follow_form: Form::default(),
    })
}

fn person_facts(conn: &mut Conn, lens: &Lens, actor: Actor, part: Part) -> Result<PersonFacts> {
    let follow = match lens.viewer {
        None => Follow::Visitor,
        Some(viewer) if viewer == actor.id => Follow::Own,
        Some(viewer) => match follows::between(conn, viewer, actor.id)? {
            Some(follow) if follow.accepted_at.is_some() => Follow::Yes,
            Some(_) => Follow::Asked,
            None => Follow::No,
        },
    };
    let range = part.range(PAGE);
    let filter = AccountFilter::default();
    let mut rows: Vec<Post> = timelines::account(conn, lens.viewer, actor.id, &filter, &range)?;
    let pager = part.cut(&mut rows, PAGE, &show::actor_path(&actor), |post| post.id.0);
    let mut names = Names::default();
    names.actor(&actor);
    let fields: Vec<Field> = serde_json::from_str(&actor.fields).unwrap_or_default();
    let html = fields.iter().map(|field| field.value.as_str()).chain([actor.summary.as_str()]);
    names.texts(actor.local, &actor.ap_id, [], html);
    Ok(PersonFacts {
        emojis: names.look_up(conn)?,
        staff: !crate::db::members::staff_among(conn, &[actor.id])?.is_empty(),
        follow,
        posts: show::posts(conn, lens, &rows)?,
        pager,
        actor,
    })
}

/// A field as a page shows it; of our own people with the `rel="me"` by which others check it.
fn field(field: Field, local: bool) -> views::Field {
    let value = text::sanitize(&field.value);
    views::Field {
        name: field.name,
        value: if local { text::with_me(&value) } else { value },
        linked_since: field.verified_at.map(words::day).unwrap_or_default(),
    }
}

fn person(reader: &Reader, facts: PersonFacts) -> Result<HttpResponse> {
    let PersonFacts { actor, emojis, staff, follow, posts, pager } = facts;
    let person = show::person(&actor, reader.app.domain(), staff);
    let person = Person { pictured: show::name_of(&emojis, &actor), ..person };
    let pictured = |html: &str| emojis.html(actor.local, &actor.ap_id, html);
    let shown = |one: Field| {
        let field = field(one, actor.local);
        views::Field { value: pictured(&field.value), ..field }
    };
    let month = actor.created_at.date_time().format("%B %Y");
    reader.html_leading_out(&ProfilePage {
        page: Page {
            description: text::excerpt(&actor.summary, 160),
            alternate: actor.ap_id.to_string(),
            unlisted: !actor.discoverable || !pager.newer.is_empty(),
            ..reader.page(&person.display)
        },
        url: person.url.clone(),
        original: show::original(&actor),
        bio: pictured(&actor.summary),
        fields: rules::fields(&actor).into_iter().map(shown).collect(),
        since: if actor.local { format!("here since {month}") } else { String::new() },
        follow,
        posts,
        pager,
        follow_form: Form::default(),
        person,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_its_neighbours() {
        let id = |n: &i64| *n;
        let mut rows = vec![9, 8, 7];
        let pager = Part::default().cut(&mut rows, 2, "/@a", id);
        assert_eq!(
            (rows, pager.newer.as_str(), pager.older.as_str()),
            (vec![9, 8], "", "/@a?older=8")
        );

        let mut rows = vec![7, 6];
        let pager = Part { older: Some(8), newer: None }.cut(&mut rows, 2, "/@a", id);
        assert_eq!((pager.newer.as_str(), pager.older.as_str()), ("/@a?newer=7", ""));

        let mut rows = vec![10, 9, 8];
        let pager = Part { older: None, newer: Some(7) }.cut(&mut rows, 2, "/@a", id);
        assert_eq!(
            (rows, pager.newer.as_str(), pager.older.as_str()),
            (vec![9, 8], "/@a?newer=9", "/@a?older=8")
        );
    }
}
