//! Rows to what pages show.
use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::{
    attached::Attached,
    emojis::{Emojis, Names},
    views::{self, Avatar, GroupLine, Kind, Person, Pictured, ThanksChoice, ThreadLine, words},
};
use crate::{
    db::{
        Conn,
        actors::{self, Actor},
        follows, groups, members,
        posts::Post,
        submissions,
    },
    domain::quotes,
    error::Result,
    media::{Belongs, copy_path},
    text,
    types::{ActorId, PostId, Time, Visibility},
};

/// How much of a post stands for its title.
const TITLE_CHARS: usize = 90;

/// What rows are shown by: the node's names, and who looks at which time.
#[derive(Clone, Debug)]
pub struct Lens {
    /// The part after the @ in handles of local people.
    pub domain: String,
    /// Where the node is reached.
    pub origin: Url,
    /// When the page is made.
    pub now: Time,
    /// The member who reads it.
    pub viewer: Option<ActorId>,
}

/// The name to show for an actor.
pub fn display_name(actor: &Actor) -> String {
    let name = actor.display_name.trim();
    if name.is_empty() { actor.name.clone() } else { name.to_owned() }
}

/// Its page on this node.
pub fn actor_path(actor: &Actor) -> String {
    format!("/@{}", actor.acct())
}

/// `@ana@oak.example`, also for those who live here.
pub fn handle(actor: &Actor, domain: &str) -> String {
    let host = if actor.local { domain } else { &actor.host };
    format!("@{}@{host}", actor.name)
}

/// Its picture.
pub fn avatar(actor: &Actor) -> Avatar {
    let url = match &actor.avatar {
        Some(path) if actor.local => format!("/media/{}", path.trim_start_matches('/')),
        Some(url) => copy_path(Belongs::Avatar, actor.id.0, url).unwrap_or_default(),
        None => String::new(),
    };
    words::avatar(&actor.name, &display_name(actor), &url, actor.is_group())
}

/// An actor in one line.
pub fn person(actor: &Actor, domain: &str, staff: bool) -> Person {
    Person {
        display: display_name(actor),
        pictured: Pictured::default(),
        handle: handle(actor, domain),
        url: actor_path(actor),
        avatar: avatar(actor),
        staff,
        bot: actor.is_bot() && !actor.is_group(),
    }
}

/// Actors in one line each, with the emoji of their names.
///
/// # Errors
/// `Internal` when the database does not answer.
pub fn people<'a>(
    conn: &mut Conn,
    lens: &Lens,
    actors: impl Iterator<Item = &'a Actor> + Clone,
    staff: impl Fn(&Actor) -> bool,
) -> Result<Vec<Person>> {
    let mut names = Names::default();
    actors.clone().for_each(|actor| names.actor(actor));
    let emojis = names.look_up(conn)?;
    let one = |actor: &Actor| Person {
        pictured: name_of(&emojis, actor),
        ..person(actor, &lens.domain, staff(actor))
    };
    Ok(actors.map(one).collect())
}

/// The name of an actor with emoji.
pub fn name_of(emojis: &Emojis, actor: &Actor) -> Pictured {
    emojis.line(actor.local, &actor.ap_id, &display_name(actor))
}

/// The page of an actor on its own server; empty for local ones.
pub fn original(actor: &Actor) -> String {
    if actor.local {
        String::new()
    } else if actor.url.starts_with("http") {
        actor.url.clone()
    } else {
        actor.ap_id.to_string()
    }
}

/// The actors that a list of posts speaks of.
pub struct Cast {
    actors: BTreeMap<ActorId, Actor>,
    staff: BTreeSet<ActorId>,
    emojis: Emojis,
}

impl Cast {
    /// Authors and groups of `posts`, and `others`.
    ///
    /// # Errors
    /// `Internal` when the database does not answer.
    pub fn of(conn: &mut Conn, posts: &[Post], others: &[ActorId]) -> Result<Self> {
        let ids: BTreeSet<ActorId> = posts
            .iter()
            .flat_map(|post| [Some(post.author_id), post.group_id])
            .flatten()
            .chain(others.iter().copied())
            .collect();
        let ids: Vec<ActorId> = ids.into_iter().collect();
        let rows = actors::by_ids(conn, &ids)?;
        let staff = members::staff_among(conn, &ids)?.into_iter().collect();
        let mut names = Names::default();
        for post in posts {
            names.post(post);
        }
        for actor in &rows {
            names.actor(actor);
        }
        let emojis = names.look_up(conn)?;
        let actors = rows.into_iter().map(|actor| (actor.id, actor)).collect();
        Ok(Self { actors, staff, emojis })
    }

    /// The name of one of them, with emoji.
    pub fn name(&self, id: ActorId) -> Pictured {
        self.actor(id).map(|actor| name_of(&self.emojis, actor)).unwrap_or_default()
    }

    /// A line of plain words of a post, with emoji.
    pub fn line(&self, post: &Post, plain: &str) -> Pictured {
        self.emojis.line(post.local, &post.ap_id, plain)
    }

    /// Sanitised HTML of a post, with emoji.
    pub fn html(&self, post: &Post, html: &str) -> String {
        self.emojis.html(post.local, &post.ap_id, html)
    }

    /// One of them.
    pub fn actor(&self, id: ActorId) -> Option<&Actor> {
        self.actors.get(&id)
    }

    /// One of them in a line; a stand-in where the row is gone.
    pub fn person(&self, id: ActorId, domain: &str) -> Person {
        match self.actor(id) {
            Some(actor) => Person {
                pictured: name_of(&self.emojis, actor),
                ..person(actor, domain, self.staff.contains(&id))
            },
            None => Person { display: "someone".into(), url: "/".into(), ..Person::default() },
        }
    }

    /// The page of the thread that a post stands in, on this node.
    pub fn thread_path(&self, post: &Post, root_author: ActorId) -> String {
        let owner = post.group_id.unwrap_or(root_author);
        let acct = self.actor(owner).map_or_else(|| "unknown".to_owned(), Actor::acct);
        format!("/@{acct}/{}", post.thread_id)
    }

    /// The page of a post by its own author; leads on to the thread.
    pub fn post_path(&self, post: &Post) -> String {
        let acct = self.actor(post.author_id).map_or_else(|| "unknown".to_owned(), Actor::acct);
        format!("/@{acct}/{}", post.id)
    }
}

/// What begins a thread, in a list.
///
/// # Errors
/// `Internal` when the database does not answer.
pub fn thread_lines(
    conn: &mut Conn,
    lens: &Lens,
    posts: &[Post],
    name_group: bool,
) -> Result<Vec<ThreadLine>> {
    let cast = Cast::of(conn, posts, &[])?;
    let roots: Vec<PostId> = posts.iter().map(|post| post.id).collect();
    let helped = helped_threads(conn, &roots)?;
    let line = |post: &Post| {
        let group = post.group_id.and_then(|id| cast.actor(id)).filter(|_| name_group);
        let answers = u64::try_from(post.replies_count).unwrap_or_default();
        ThreadLine {
            url: cast.thread_path(post, post.author_id),
            title: title_of(post),
            title_pictured: cast.line(post, &title_of(post)),
            kind: if post.is_ask { Kind::Ask } else { Kind::Talk },
            author: cast.person(post.author_id, &lens.domain),
            when: words::when(post.created_at, lens.now),
            answers: match answers {
                0 => String::new(),
                n => words::count(n, "answer", "answers"),
            },
            waiting_long: post.is_ask && lens.now.0 - post.created_at.0 > 86_400_000,
            helped: helped.contains(&post.id),
            group: group.map(display_name).unwrap_or_default(),
            group_pictured: group.map(|group| cast.name(group.id)).unwrap_or_default(),
            group_url: group.map(actor_path).unwrap_or_default(),
        }
    };
    Ok(posts.iter().map(line).collect())
}

fn helped_threads(conn: &mut Conn, roots: &[PostId]) -> Result<BTreeSet<PostId>> {
    Ok(crate::db::posts::helped_among(conn, roots)?.into_iter().collect())
}

/// A post's title, or how it begins.
pub fn title_of(post: &Post) -> String {
    let title = post.title.as_deref().unwrap_or_default().trim();
    if !title.is_empty() {
        return title.to_owned();
    }
    if !post.spoiler_text.is_empty() {
        return post.spoiler_text.clone();
    }
    let words =
        text::excerpt(&text::escape(&between_names(&text::plain(&post.content))), TITLE_CHARS);
    if words.is_empty() { "A picture".to_owned() } else { words }
}

/// Words without the @names and #tags around them: those address, they do not tell.
fn between_names(words: &str) -> String {
    let all: Vec<&str> = words.split_whitespace().collect();
    let is_name = |word: &&&str| word.starts_with(['@', '#']);
    let start = all.iter().take_while(is_name).count();
    let end = all.len() - all.iter().rev().take_while(is_name).count();
    all.get(start..end).filter(|kept| !kept.is_empty()).unwrap_or(&all).join(" ")
}

/// Whether a text runs from right to left: by its first letter that is in no name or tag, because
/// a reply to @ben in Arabic is Arabic.
fn runs_from_right(html: &str) -> bool {
    let is_rtl = |c: char| matches!(u32::from(c), 0x0590..=0x08ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff | 0x1_0800..=0x1_0fff | 0x1_e800..=0x1_efff);
    let beginning = text::excerpt(html, 400);
    between_names(&beginning).chars().find(|c| c.is_alphabetic()).is_some_and(is_rtl)
}

/// Posts as they stand on a page, in the order given; boosts show what they pass on.
///
/// # Errors
/// `Internal` when the database does not answer.
pub fn posts(conn: &mut Conn, lens: &Lens, rows: &[Post]) -> Result<Vec<views::Post>> {
    let originals: Vec<PostId> = rows.iter().filter_map(|post| post.boost_of_id).collect();
    let mut all: BTreeMap<PostId, Post> = BTreeMap::new();
    if !originals.is_empty() {
        let readable = crate::db::timelines::readable_among(conn, lens.viewer, &originals)?;
        all.extend(crate::db::posts::by_ids(conn, &readable)?.into_iter().map(|p| (p.id, p)));
    }
    let shown: Vec<(Post, Option<ActorId>)> = rows
        .iter()
        .filter_map(|row| match row.boost_of_id {
            None => Some((row.clone(), None)),
            Some(id) => all.get(&id).map(|post| (post.clone(), Some(row.author_id))),
        })
        .collect();
    let mut flat: Vec<Post> = shown.iter().map(|(post, _)| post.clone()).collect();
    let boosters: Vec<ActorId> = shown.iter().filter_map(|(_, by)| *by).collect();
    let above: Vec<PostId> = flat.iter().filter_map(|post| post.in_reply_to_id).collect();
    let above = crate::db::timelines::readable_among(conn, lens.viewer, &above)?;
    let above = crate::db::posts::by_ids(conn, &above)?;
    let others: Vec<ActorId> =
        boosters.into_iter().chain(above.iter().map(|post| post.author_id)).collect();
    let cast = Cast::of(conn, &flat, &others)?;
    let attached = Attached::of(conn, lens, &flat)?;
    let mut waits = what_waits(conn, lens, &flat)?;
    let views = flat
        .drain(..)
        .zip(shown)
        .map(|(post, (_, by))| {
            let group = post.group_id.and_then(|id| cast.actor(id));
            let mut view = post_view(lens, &cast, &post, &attached);
            view.depth = 1;
            view.waits = waits.remove(&post.id).unwrap_or_default();
            if let Some(parent) = above.iter().find(|other| Some(other.id) == post.in_reply_to_id) {
                view.answer_to = cast.person(parent.author_id, &lens.domain).display;
                view.answer_to_pictured = cast.name(parent.author_id);
                view.answer_to_url = cast.post_path(parent);
            }
            view.group = group.map(display_name).unwrap_or_default();
            view.group_pictured = group.map(|group| cast.name(group.id)).unwrap_or_default();
            view.group_url = group.map(actor_path).unwrap_or_default();
            let booster = by.and_then(|id| cast.actor(id)).filter(|actor| !actor.is_group());
            view.boosted_by = booster.map(display_name).unwrap_or_default();
            view.boosted_by_pictured = booster.map(|by| cast.name(by.id)).unwrap_or_default();
            view
        })
        .collect();
    Ok(views)
}

/// What holds posts of ours back elsewhere, in words; nothing where they were let in.
///
/// # Errors
/// `Internal` when the database does not answer.
pub fn what_waits(
    conn: &mut Conn,
    lens: &Lens,
    posts: &[Post],
) -> Result<BTreeMap<PostId, String>> {
    let local: Vec<&Post> = posts.iter().filter(|post| post.local).collect();
    let ids: Vec<PostId> = local.iter().map(|post| post.id).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let all = submissions::of_posts(conn, &ids)?;
    let judges: Vec<ActorId> = all.values().flatten().map(|row| row.judge_id).collect();
    let judges = actors::by_ids(conn, &judges)?;
    let mut waits = BTreeMap::new();
    for (id, rows) in &all {
        let Some(row) = rows.first() else { continue };
        let Some(judge) = judges.iter().find(|judge| judge.id == row.judge_id) else { continue };
        let own = local.iter().any(|post| post.id == *id && lens.viewer == Some(post.author_id));
        let reason = row.reason.as_deref().filter(|_| own).unwrap_or_default();
        let said = words::waits(row.state, &display_name(judge), judge.is_group(), reason);
        waits.insert(*id, said);
    }
    Ok(waits)
}

/// What posts quote, as the reader may see it.
///
/// # Errors
/// `Internal` when the database does not answer.
pub fn quotes(
    conn: &mut Conn,
    lens: &Lens,
    posts: &[PostId],
) -> Result<BTreeMap<PostId, views::Quote>> {
    let shown = quotes::shown(conn, lens.viewer, posts, lens.now)?;
    let quoted: Vec<Post> = shown.values().filter_map(|quote| quote.post.clone()).collect();
    if shown.is_empty() {
        return Ok(BTreeMap::new());
    }
    let cast = Cast::of(conn, &quoted, &[])?;
    let ids: Vec<PostId> = quoted.iter().map(|post| post.id).collect();
    let media = crate::db::media::of_posts(conn, &ids)?;
    let view = |shown: &quotes::Shown| {
        let missing = words::not_quoted(shown.sight);
        let Some(post) = shown.post.as_ref().filter(|_| missing.is_empty()) else {
            return views::Quote { missing: missing.to_owned(), ..views::Quote::default() };
        };
        let pictures = media.get(&post.id).map(Vec::len).unwrap_or_default();
        let pictures = u64::try_from(pictures).unwrap_or_default();
        views::Quote {
            missing: String::new(),
            url: cast.post_path(post),
            author: cast.person(post.author_id, &lens.domain),
            when: words::when(post.created_at, lens.now),
            title: post.title.clone().unwrap_or_default(),
            title_pictured: cast.line(post, post.title.as_deref().unwrap_or_default()),
            warning: post.spoiler_text.clone(),
            warning_pictured: cast.line(post, &post.spoiler_text),
            html: cast.html(post, &post.content),
            language: post.language.clone().filter(|tag| is_language(tag)).unwrap_or_default(),
            pictures: match pictures {
                0 => String::new(),
                n => words::count(n, "picture", "pictures"),
            },
        }
    };
    Ok(shown.iter().map(|(id, shown)| (*id, view(shown))).collect())
}

/// One post; its place, its group and its thanks are up to the page.
pub fn post_view(lens: &Lens, cast: &Cast, post: &Post, attached: &Attached) -> views::Post {
    let title = post.title.clone().unwrap_or_default();
    let mut view = views::Post {
        id: post.id.to_string(),
        url: cast.post_path(post),
        original: if post.local {
            String::new()
        } else {
            post.url
                .clone()
                .filter(|url| url.starts_with("http"))
                .unwrap_or_else(|| post.ap_id.to_string())
        },
        author: cast.person(post.author_id, &lens.domain),
        when: words::when(post.created_at, lens.now),
        title_pictured: cast.line(post, &title),
        title,
        warning: post.spoiler_text.clone(),
        warning_pictured: cast.line(post, &post.spoiler_text),
        html: cast.html(post, &post.content),
        language: post.language.clone().filter(|tag| is_language(tag)).unwrap_or_default(),
        rtl: runs_from_right(&post.content),
        sensitive: post.sensitive,
        edited: post.edited_at.is_some(),
        helped: post.helped,
        thanks: ThanksChoice::None,
        answerable: lens.viewer.is_some(),
        mine: lens.viewer == Some(post.author_id) && post.local,
        seen_by: match post.visibility {
            Visibility::Public | Visibility::Unlisted => String::new(),
            Visibility::Followers => "only for followers".to_owned(),
            Visibility::Direct => "only for those it names".to_owned(),
        },
        ..views::Post::default()
    };
    attached.put_on(&mut view, lens, post);
    view
}

fn is_language(tag: &str) -> bool {
    tag.len() <= 35 && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Groups in a list, with their purposes.
///
/// # Errors
/// `Internal` when the database does not answer.
pub fn group_lines(conn: &mut Conn, lens: &Lens, rows: &[Actor]) -> Result<Vec<GroupLine>> {
    let ids: Vec<ActorId> = rows.iter().map(|actor| actor.id).collect();
    let mut purposes: BTreeMap<ActorId, String> =
        groups::by_ids(conn, &ids)?.into_iter().map(|g| (g.actor_id, g.purpose)).collect();
    let joined: BTreeSet<ActorId> = match lens.viewer {
        Some(viewer) => follows::towards(conn, viewer, &ids)?
            .into_iter()
            .filter(|follow| follow.accepted_at.is_some())
            .map(|follow| follow.target_id)
            .collect(),
        None => BTreeSet::new(),
    };
    let mut names = Names::default();
    for actor in rows {
        names.actor(actor);
    }
    let emojis = names.look_up(conn)?;
    let line = |actor: &Actor| GroupLine {
        name: display_name(actor),
        pictured: name_of(&emojis, actor),
        handle: handle(actor, &lens.domain),
        url: actor_path(actor),
        avatar: avatar(actor),
        purpose: purposes.remove(&actor.id).unwrap_or_else(|| text::plain(&actor.summary)),
        members: words::members(u64::try_from(actor.followers_count).unwrap_or_default(), 1),
        private: actor.is_private_group(),
        server: if actor.local { String::new() } else { actor.host.clone() },
        joined: joined.contains(&actor.id),
    };
    Ok(rows.iter().map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_around_a_text_are_no_part_of_its_title() {
        assert_eq!(between_names("@ben @repairs My tap drips #ask"), "My tap drips");
        assert_eq!(between_names("#ask @repairs"), "#ask @repairs");
        assert_eq!(between_names("a #b c"), "a #b c");
        assert_eq!(between_names(""), "");
    }

    #[test]
    fn a_text_runs_as_its_own_words_do() {
        assert!(runs_from_right("<p><a href=\"/@ben\">@ben</a> شكرا</p>"));
        assert!(runs_from_right("<p>12. שלום hello</p>"));
        assert!(!runs_from_right("<p>Hello شكرا</p>"));
        assert!(!runs_from_right(""));
    }
}
