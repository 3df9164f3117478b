//! What hangs on posts: pictures, polls, what they quote.
use std::collections::BTreeMap;

use super::{
    emojis::{Emojis, Names},
    show::{self, Lens},
    views::{self, Picture, Poll as PollView, PollChoice, words},
};
use crate::{
    db::{
        Conn,
        media::{self, Media},
        polls::{self, Poll},
        posts::Post,
    },
    error::Result,
    media::{Belongs, copy_path},
    types::{PollId, PostId},
};

/// Pictures, polls and quotes of the posts of one page, and what the reader ticked.
#[derive(Default)]
pub struct Attached {
    pictures: BTreeMap<PostId, Vec<Media>>,
    polls: BTreeMap<PostId, Poll>,
    ticked: BTreeMap<PollId, Vec<i32>>,
    quotes: BTreeMap<PostId, views::Quote>,
    emojis: Emojis,
}

impl Attached {
    /// What hangs on `posts`.
    ///
    /// # Errors
    /// `Internal` when the database does not answer.
    pub fn of(conn: &mut Conn, lens: &Lens, posts: &[Post]) -> Result<Self> {
        let ids: Vec<PostId> = posts.iter().map(|post| post.id).collect();
        let ids = ids.as_slice();
        let polls = polls::of_posts(conn, ids)?;
        let asked: Vec<PollId> = polls.values().map(|poll| poll.id).collect();
        let ticked = match lens.viewer {
            Some(viewer) if !asked.is_empty() => polls::votes_of(conn, viewer, &asked)?,
            _ => BTreeMap::new(),
        };
        let quotes = show::quotes(conn, lens, ids)?;
        let mut names = Names::default();
        for post in posts {
            let choices = polls.get(&post.id).map(Poll::choices).unwrap_or_default();
            let titles = choices.iter().map(|choice| choice.title.as_str());
            names.texts(post.local, &post.ap_id, titles, []);
        }
        let emojis = names.look_up(conn)?;
        Ok(Self { pictures: media::of_posts(conn, ids)?, polls, ticked, quotes, emojis })
    }

    /// Hangs what belongs to `post` on its view.
    pub fn put_on(&self, view: &mut views::Post, lens: &Lens, post: &Post) {
        view.pictures = self.pictures.get(&post.id).into_iter().flatten().map(picture).collect();
        view.quote = self.quotes.get(&post.id).cloned();
        view.poll = self.polls.get(&post.id).map(|poll| self.poll(lens, post, poll));
    }

    fn poll(&self, lens: &Lens, post: &Post, poll: &Poll) -> PollView {
        let mine = self.ticked.get(&poll.id).cloned().unwrap_or_default();
        let (over, shown) = (poll.is_over(lens.now), poll.shows_totals(lens.now));
        let choices = poll.choices();
        let votes: i64 = choices.iter().map(|choice| choice.votes.max(0)).sum();
        // Where several may be ticked, a share is one of people, not of ticks.
        let whole = poll.voters_count.filter(|_| poll.multiple).unwrap_or(votes).max(1);
        let choice = |(index, choice): (usize, &polls::Choice)| PollChoice {
            index,
            title: choice.title.clone(),
            pictured: self.emojis.line(post.local, &post.ap_id, &choice.title),
            percent: if shown {
                (choice.votes.max(0).saturating_mul(100) / whole).min(100)
            } else {
                0
            },
            mine: mine.iter().any(|ticked| usize::try_from(*ticked) == Ok(index)),
        };
        let people = u64::try_from(poll.voters_count.unwrap_or(votes)).unwrap_or_default();
        PollView {
            choices: choices.iter().enumerate().map(choice).collect(),
            multiple: poll.multiple,
            open: lens.viewer.is_some_and(|viewer| viewer != post.author_id)
                && !over
                && mine.is_empty(),
            hidden: !shown,
            voters: match people {
                0 => "Nobody has voted yet".to_owned(),
                n => format!("{} voted", words::count(n, "person", "people")),
            },
            clock: match (over, poll.ends_at) {
                (true, _) => "closed".to_owned(),
                (false, Some(end)) => format!("closes {}", words::until(end, lens.now)),
                (false, None) => String::new(),
            },
        }
    }
}

/// A file as a page shows it: the small form, leading to the whole.
pub fn picture(row: &Media) -> Picture {
    let local = |path: &String| format!("/media/{}", path.trim_start_matches('/'));
    let remote = row.remote_url.as_deref();
    let copy = remote.and_then(|url| {
        let path = copy_path(Belongs::File, row.id.0, url)?;
        // Neither picture, sound nor film: a link that people follow if they want to.
        Some(if row.kind == "unknown" { url.to_owned() } else { path })
    });
    let full = row.path.as_ref().map_or(copy.unwrap_or_default(), local);
    let pixels = |n: Option<i32>| n.and_then(|n| u32::try_from(n).ok()).unwrap_or_default();
    let is_image = row.kind == "image";
    Picture {
        id: row.id.to_string(),
        url: match &row.preview_path {
            Some(path) => local(path),
            None if is_image => full.clone(),
            None => String::new(),
        },
        full,
        description: row.description.clone().unwrap_or_default(),
        width: pixels(row.width),
        height: pixels(row.height),
        is_image,
        film: matches!(row.kind.as_str(), "video" | "gifv"),
        sound: row.kind == "audio",
    }
}
