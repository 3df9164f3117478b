//! Finding posts: what of a post can be found, and what a member's search means.
use crate::{
    db::{
        self, Conn,
        actors::{self, Actor},
        media::Media,
        page::Page,
        posts::Post,
        search::{Place, Search},
    },
    domain::Tx,
    error::Result,
    text::search::{self, Document, Has, Is, Operator, Query, Trait, Who},
    types::{ActorId, PostId, Time},
};

/// Posts whose words are kept in one change, of those that are here already.
const PIECE: i64 = 100;

/// Keeps the words of a new post, or of one that changed.
///
/// # Errors
/// `Internal` from the database.
pub fn keep_words(tx: &mut Tx, post: &Post, new: bool) -> Result<()> {
    if post.is_boost() {
        return Ok(());
    }
    let document = document(tx, post)?;
    if new {
        db::search::insert(tx, post.id, document.tokens())?;
    } else {
        db::search::keep(tx, post.id, document.tokens())?;
    }
    Ok(())
}

/// Keeps the words of some posts older than `below`; answers the oldest of them, and nothing when all
/// is done. Doing it twice changes nothing.
///
/// # Errors
/// `Internal` from the database.
pub fn keep_older(tx: &mut Tx, below: PostId) -> Result<Option<PostId>> {
    let posts = db::search::some_below(tx, below, PIECE)?;
    for post in &posts {
        // One that is only hidden can come back; of an erased one nothing is left.
        keep_words(tx, post, false)?;
    }
    Ok(posts.last().map(|post| post.id))
}

/// All by which a post is found.
fn document(conn: &mut Conn, post: &Post) -> Result<Document> {
    let mut document = Document::default();
    document.say(post.title.as_deref().unwrap_or_default());
    document.say(&post.spoiler_text);
    document.say_html(&post.content);
    for media in db::media::of_posts(conn, &[post.id])?.remove(&post.id).unwrap_or_default() {
        document.say(media.description.as_deref().unwrap_or_default());
        document.mark(Trait::Has(Has::Media));
        if let Some(kind) = kind_of(&media) {
            document.mark(Trait::Has(kind));
        }
    }
    if let Some(poll) = db::polls::of_posts(conn, &[post.id])?.remove(&post.id) {
        for choice in poll.choices() {
            document.say(&choice.title);
        }
        document.mark(Trait::Has(Has::Poll));
    }
    for (_, written) in db::posts::tags_of(conn, &[post.id])?.remove(&post.id).unwrap_or_default() {
        document.say(&written);
    }
    document.mark(Trait::Post);
    document.mark(Trait::By(post.author_id.0));
    let facts = [
        (Is::Reply, post.in_reply_to_id.is_some() || post.in_reply_to_uri.is_some()),
        (Is::Sensitive, post.sensitive),
        (Is::Ask, post.is_ask),
    ];
    for (what, _) in facts.into_iter().filter(|(_, holds)| *holds) {
        document.mark(Trait::Is(what));
    }
    if let Some(language) = &post.language {
        document.mark(Trait::Language(language.clone()));
    }
    Ok(document)
}

fn kind_of(media: &Media) -> Option<Has> {
    match media.kind.as_str() {
        "image" => Some(Has::Image),
        "video" | "gifv" => Some(Has::Video),
        "audio" => Some(Has::Audio),
        _ => None,
    }
}

/// Who searches, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Who.
    pub viewer: ActorId,
    /// What they typed.
    pub typed: &'a str,
    /// Only what this one wrote.
    pub author: Option<ActorId>,
    /// The part after the @ of local handles.
    pub domain: &'a str,
}

/// What a member finds, newest first; nothing for nothing.
///
/// # Errors
/// `Internal` from the database.
pub fn find(conn: &mut Conn, wanted: Wanted<'_>, page: &Page, now: Time) -> Result<Vec<Post>> {
    let query = search::parse(wanted.typed);
    if query.is_empty() {
        return Ok(Vec::new());
    }
    let Some(mut search) = meaning(conn, wanted, query)? else { return Ok(Vec::new()) };
    search.authors.extend(wanted.author.map(|author| vec![Trait::By(author.0).token()]));
    Ok(db::search::find(conn, wanted.viewer, &search, page, now)?)
}

/// What a query means to who searches; `None` where it names somebody whom nobody here knows, and so finds
/// nothing.
fn meaning(conn: &mut Conn, wanted: Wanted<'_>, query: Query) -> Result<Option<Search>> {
    let Query { wanted: phrases, unwanted, operators } = query;
    let mut search = Search { wanted: phrases, unwanted, ..Search::default() };
    for (negated, operator) in operators {
        let what = match operator {
            Operator::Has(what) => Trait::Has(what),
            Operator::Is(what) => Trait::Is(what),
            Operator::Language(code) => Trait::Language(code),
            Operator::Within(start, end) => {
                search.times.push((negated, start, end));
                continue;
            }
            Operator::From(who) => {
                let ids = named(conn, wanted, &who, false)?;
                let tokens: Vec<String> = ids.iter().map(|id| Trait::By(id.0).token()).collect();
                match (negated, tokens.is_empty()) {
                    (false, true) => return Ok(None),
                    (false, false) => search.authors.push(tokens),
                    (true, _) => search.without.extend(tokens),
                }
                continue;
            }
            Operator::In(place) => {
                let place = match place {
                    search::Place::Library => Place::Library,
                    search::Place::Public => Place::Public,
                    search::Place::Group(who) => Place::Groups(named(conn, wanted, &who, true)?),
                };
                search.places.push((negated, place));
                continue;
            }
        };
        if negated {
            search.without.push(what.token());
        } else {
            search.traits.push(what.token());
        }
    }
    if search.wanted.is_empty() && search.traits.is_empty() && search.authors.is_empty() {
        // One that only says what is not wanted, or where and when, begins with everything.
        search.traits.push(Trait::Post.token());
    }
    Ok(Some(search))
}

/// The people (or groups) of a name: here, or on the server that is said; a group of which the one who
/// searches is a member needs none.
fn named(conn: &mut Conn, wanted: Wanted<'_>, who: &Who, groups: bool) -> Result<Vec<ActorId>> {
    let Who::Named { name, host } = who else { return Ok(vec![wanted.viewer]) };
    let host = host.as_deref().filter(|host| *host != wanted.domain);
    let mut found: Vec<Actor> = match host {
        Some(host) => actors::by_handle(conn, name, host)?,
        None => actors::local_by_name(conn, name)?.into_iter().collect(),
    };
    if groups && host.is_none() && found.is_empty() {
        found = db::timelines::joined_groups(conn, wanted.viewer)?;
        found.retain(|group| group.name.to_lowercase() == *name);
    }
    found.retain(|actor| !groups || actor.is_group());
    Ok(found.iter().map(|actor| actor.id).collect())
}
