//! One row to one entity: no queries here.
use url::Url;

use super::{
    Account, At, Dimensions, Field, Focus, Id, MediaAttachment, Meta, Original, Playing, Poll,
    PollOption, QuoteApproval, View,
};
use crate::{
    db::{actors::Actor, media::Media, policies::Policy, posts::Post},
    domain::{
        actors,
        quotes::{self, Party, Verdict},
    },
    media::{self, Belongs, copy_url},
    text,
    types::Time,
};

/// The entity of an actor.
pub(super) fn account(view: &View, actor: &Actor) -> Account {
    let avatar = media::face(&view.origin, view.copies, actor);
    let header = media::header(&view.origin, view.copies, actor);
    Account {
        id: Id::from(actor.id),
        username: actor.name.clone(),
        acct: actor.acct(),
        display_name: actor.display_name.clone(),
        locked: actor.locked,
        bot: actor.is_bot(),
        group: actor.is_group(),
        discoverable: actor.discoverable,
        indexable: false,
        noindex: !actor.discoverable,
        created_at: At(actor.created_at),
        note: actor.summary.clone(),
        url: if actor.url.is_empty() { actor.ap_id.to_string() } else { actor.url.clone() },
        uri: actor.ap_id.to_string(),
        avatar_static: avatar.clone(),
        avatar,
        header_static: header.clone(),
        header,
        followers_count: actor.followers_count.max(0),
        following_count: actor.following_count.max(0),
        statuses_count: actor.posts_count.max(0),
        last_status_at: actor.last_post_at.map(Time::date),
        hide_collections: false,
        emojis: Vec::new(),
        fields: fields(actor),
        roles: Vec::new(),
        suspended: !actor.is_active(),
        moved: None,
    }
}

/// Who may quote a post, and what the reader may expect who wants to.
pub(super) fn quote_approval(
    post: &Post,
    policy: Option<&Policy>,
    author: &Actor,
    verdict: Verdict,
) -> QuoteApproval {
    let words = |parties: Vec<Party>| parties.into_iter().map(party).collect();
    let (automatic, manual) = quotes::parties(post, policy, author);
    QuoteApproval {
        automatic: words(automatic),
        manual: words(manual),
        current_user: match verdict {
            Verdict::Automatic => "automatic",
            Verdict::Manual => "manual",
            Verdict::Unknown => "unknown",
            Verdict::Denied => "denied",
        },
    }
}

fn party(party: Party) -> &'static str {
    match party {
        Party::Public => "public",
        Party::Followers => "followers",
        Party::Following => "following",
        Party::Others => "unsupported_policy",
    }
}

/// A text with a link to what it quotes before it, for clients that show no quotes; others leave it
/// out, as it is in Mastodon's class for it.
pub(super) fn with_quote(html: &str, quoted_url: &str) -> String {
    if html.contains(quoted_url) {
        return html.to_owned();
    }
    let url = text::escape(quoted_url);
    format!(
        "<p class=\"quote-inline\">RE: <a href=\"{url}\" rel=\"nofollow noopener\">{url}</a></p>{html}"
    )
}

fn fields(actor: &Actor) -> Vec<Field> {
    let field = |field: actors::Field| Field {
        name: field.name,
        value: field.value,
        verified_at: field.verified_at.map(At),
    };
    actors::fields(actor).into_iter().map(field).collect()
}

/// The entity of a file.
pub(crate) fn media(view: &View, media: &Media) -> MediaAttachment {
    let local = media.path.as_deref().map(|path| media::address(&view.origin, path));
    let remote = media.remote_url.as_deref();
    let copy = || match remote? {
        // Neither picture, sound nor film: a link that people follow if they want to.
        url if media.kind == "unknown" => Some(url.to_owned()),
        url => Some(copy_url(&view.origin, view.copies, Belongs::File, media.id.0, url)),
    };
    let url = local.or_else(copy);
    let preview = media.preview_path.as_deref().map(|path| media::address(&view.origin, path));
    let size = |width: Option<i32>, height: Option<i32>| Dimensions::of(width?, height?);
    let pixels = size(media.width, media.height);
    let is_image = matches!(media.kind.as_str(), "image" | "gifv");
    let plays = Playing {
        frame_rate: media.frame_rate.clone(),
        duration: media.duration_ms.and_then(seconds),
        bitrate: media.bit_rate,
    };
    let small = size(media.preview_width, media.preview_height);
    let original = Original { pixels: pixels.clone(), plays };
    MediaAttachment {
        id: Id::from(media.id),
        kind: match media.kind.as_str() {
            "image" => "image",
            "gifv" => "gifv",
            "video" => "video",
            "audio" => "audio",
            _ => "unknown",
        },
        // The whole picture may stand for itself; a film may not.
        preview_url: preview.or_else(|| url.clone().filter(|_| is_image)),
        url,
        remote_url: media.remote_url.clone(),
        preview_remote_url: None,
        text_url: None,
        meta: Meta {
            small: small.or_else(|| pixels.filter(|_| is_image)),
            original: Some(original).filter(|original| !original.is_empty()),
            focus: Some(Focus { x: media.focus_x, y: media.focus_y }),
        },
        description: media.description.clone().filter(|text| !text.is_empty()),
        blurhash: media.blurhash.clone(),
    }
}

fn seconds(milliseconds: i64) -> Option<f64> {
    i32::try_from(milliseconds).ok().map(|milliseconds| f64::from(milliseconds) / 1_000.0)
}

/// The page of a post: here, or where its server says.
pub(crate) fn post_url(origin: &Url, post: &Post, author: &Actor) -> String {
    if post.local {
        format!("{origin}@{}/{}", author.name, post.id)
    } else {
        post.url.clone().unwrap_or_else(|| post.ap_id.to_string())
    }
}

/// The page of a hashtag.
pub(crate) fn tag_url(origin: &Url, tag: &str) -> String {
    let mut url = origin.clone();
    url.set_path(&format!("/tags/{tag}"));
    url.into()
}

/// What a client shows of a post: clients know no titles, so it stands first.
pub(crate) fn content(title: Option<&str>, content: &str) -> String {
    match title.map(str::trim).filter(|title| !title.is_empty()) {
        None => content.to_owned(),
        Some(title) => text::with_title(title, content),
    }
}

/// The entity of a poll; `own` are the reader's choices, nothing without a reader.
///
/// Who asks does not vote, and is told as one who has: clients show them the results.
pub(super) fn poll(
    poll: &crate::db::polls::Poll,
    own: Option<&[i32]>,
    asks: bool,
    now: Time,
) -> Poll {
    let (shown, choices) = (poll.shows_totals(now), poll.choices());
    let votes_count = choices.iter().map(|choice| choice.votes).sum();
    let options: Vec<PollOption> = choices
        .into_iter()
        .map(|option| PollOption {
            title: option.title,
            votes_count: shown.then_some(option.votes),
        })
        .collect();
    Poll {
        id: Id::from(poll.id),
        expires_at: poll.ends_at.map(At),
        expired: poll.is_over(now),
        multiple: poll.multiple,
        votes_count,
        voters_count: poll.voters_count,
        options,
        emojis: Vec::new(),
        voted: own.map(|own| asks || !own.is_empty()),
        own_votes: own.map(<[i32]>::to_vec),
    }
}
