//! Files for posts: <https://docs.joinmastodon.org/methods/media/>
use std::time::Duration;

use actix_web::web::{self, Json};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    access::{Ctx, Member, PathId, scope},
    describe::{Api, Empty, Processed},
    entities::MediaAttachment,
    params::{Params, Upload},
};
use crate::{
    app::App,
    db::{self, media::Media},
    domain::media::{self as rules, Words},
    error::{Error, Result},
    media::{self, Family, FileKind, Purpose, Source},
    tasks::{self, Task},
    types::{ActorId, MediaId},
};

/// How long the first version of the method waits for sound and film.
const PATIENCE: Duration = Duration::from_mins(1);
/// When the worker looks after a file that a request works on.
const SAFETY_SECS: i64 = 120;

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.post("/api/v1/media", upload_and_wait, "Uploads a file and waits until it is ready")
        .files(&["file!", "thumbnail"])
        .post("/api/v2/media", upload, "Uploads a file")
        .files(&["file!", "thumbnail"])
        .get("/api/v1/media/{id}", show, "A file of yours, and whether it is ready")
        .put("/api/v1/media/{id}", change, "Changes what is said about a file")
        .files(&["thumbnail"])
        .patch("/api/v1/media/{id}", change, "Changes what is said about a file")
        .files(&["thumbnail"])
        .delete("/api/v1/media/{id}", delete, "Deletes a file that no post has");
}

/// What a client says about a file.
#[derive(Debug, Deserialize, JsonSchema)]
struct Said {
    description: Option<String>,
    focus: Option<String>,
}

impl Said {
    fn words(self) -> Words {
        Words { description: self.description, focus: self.focus.as_deref().and_then(focus) }
    }
}

/// `x,y`, each from -1 to 1.
fn focus(text: &str) -> Option<(f64, f64)> {
    let (x, y) = text.split_once(',')?;
    let read = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    Some((read(x)?, read(y)?))
}

/// Takes a file; what takes longer than a moment is worked on later.
async fn upload(
    member: Member<scope::WriteMedia>,
    params: Params<Said>,
    ctx: Ctx,
) -> Result<Processed<MediaAttachment, 202>> {
    let row = take(&ctx, member.id, params, 0).await?;
    let body = member.view(&ctx).media(&row);
    Ok(Processed { body, pending: row.is_processing() })
}

/// Takes a file and works on it at once.
async fn upload_and_wait(
    member: Member<scope::WriteMedia>,
    params: Params<Said>,
    ctx: Ctx,
) -> Result<Json<MediaAttachment>> {
    let row = take(&ctx, member.id, params, SAFETY_SECS).await?;
    if !row.is_processing() {
        return Ok(Json(member.view(&ctx).media(&row)));
    }
    let done = tokio::time::timeout(PATIENCE, ctx.finish_upload(row.id)).await;
    done.map_err(|_| {
        Error::Unreachable("This file takes longer than usual. It will be ready soon.".into())
    })??;
    let row = own(&ctx, member.id, row.id).await?;
    rules::check_ready(&row)?;
    Ok(Json(member.view(&ctx).media(&row)))
}

/// Keeps an uploaded file: a picture as it will be, the rest as a draft that is worked on after
/// `wait_secs`.
async fn take(ctx: &App, owner: ActorId, params: Params<Said>, wait_secs: i64) -> Result<Media> {
    let Params { form, mut files } = params;
    let file = files.take("file");
    let file = file.ok_or_else(|| Error::invalid("Validation failed: File can't be blank"))?;
    let kind = kind_of(ctx, &file).await?;
    let bytes = i64::try_from(file.bytes).map_err(Error::internal)?;
    // Before all the work; and once more when it is stored.
    ctx.write(move |tx| rules::check_room(tx, owner, bytes)).await?;
    let row = if kind.family() == Family::Image && !kind.needs_ffmpeg() {
        let kept = media::receive(ctx.store(), file.read().await?, Purpose::Attachment).await?;
        kept.row(owner)
    } else {
        let source = Source::File(file.path().to_owned());
        Media {
            draft_path: Some(ctx.store().put(source, "raw").await?),
            size_bytes: bytes,
            ..Media::new(owner, kind.family().as_str(), kind.content_type())
        }
    };
    let row = match with_still(ctx, row.clone(), files.take("thumbnail").as_ref()).await {
        Ok(row) => row,
        Err(error) => {
            ctx.store().forget(row.files()).await;
            return Err(error);
        }
    };
    let (words, files) = (form.words(), row.files());
    let added = ctx
        .write(move |tx| {
            let row = rules::add(tx, row, words)?;
            if row.is_processing() {
                let at = tx.now().plus_secs(wait_secs);
                tasks::enqueue_at(tx, &Task::FinishUpload { media: row.id }, at)?;
            }
            Ok(row)
        })
        .await;
    if added.is_err() {
        ctx.store().forget(files).await;
    }
    added
}

/// What a file is by its bytes, if it is one that is taken and not too large for its kind.
async fn kind_of(ctx: &App, file: &Upload) -> Result<FileKind> {
    let path = file.path().to_owned();
    let kind = web::block(move || FileKind::of_file(&path)).await.map_err(Error::internal)??;
    let kind = kind.filter(|kind| ctx.ffmpeg().is_some() || !kind.needs_ffmpeg());
    let kind = kind.ok_or_else(media::unknown)?;
    let config = ctx.config();
    let (what, most) = match kind.family() {
        Family::Image => ("Pictures", config.max_upload_bytes),
        Family::Video => ("Films", config.media.max_video_bytes),
        Family::Audio => ("Sounds", config.media.max_video_bytes),
    };
    if file.bytes > most {
        return Err(Error::invalid(format!("{what} can have {} MB at most", most >> 20)));
    }
    Ok(kind)
}

/// The row with an uploaded still in place of the one that was made, if one was uploaded.
async fn with_still(ctx: &App, row: Media, still: Option<&Upload>) -> Result<Media> {
    let Some(still) = read_still(ctx, still).await? else { return Ok(row) };
    ctx.store().forget(row.preview_path.clone()).await;
    let blurhash = row.blurhash.or(Some(still.blurhash));
    Ok(Media {
        preview_path: Some(still.path),
        preview_width: Some(still.width),
        preview_height: Some(still.height),
        blurhash,
        size_bytes: row.size_bytes.saturating_add(still.size_bytes),
        ..row
    })
}

async fn read_still(ctx: &App, still: Option<&Upload>) -> Result<Option<rules::Still>> {
    let Some(still) = still else { return Ok(None) };
    let most = ctx.config().max_upload_bytes;
    if still.bytes > most {
        return Err(Error::invalid(format!("Pictures can have {} MB at most", most >> 20)));
    }
    media::receive_still(ctx.store(), still.read().await?).await.map(Some)
}

async fn own(ctx: &App, owner: ActorId, id: MediaId) -> Result<Media> {
    let row = ctx.read(move |conn| Ok(db::media::by_id(conn, id)?)).await?;
    row.filter(|row| row.owner_id == owner).ok_or(Error::NotFound)
}

async fn show(
    member: Member<scope::WriteMedia>,
    id: PathId<MediaId>,
    ctx: Ctx,
) -> Result<Processed<MediaAttachment, 206>> {
    let row = own(&ctx, member.id, id.0).await?;
    if let Some(problem) = row.problem {
        return Err(Error::Invalid(problem));
    }
    let body = member.view(&ctx).media(&row);
    Ok(Processed { body, pending: row.is_processing() })
}

async fn change(
    member: Member<scope::WriteMedia>,
    id: PathId<MediaId>,
    params: Params<Said>,
    ctx: Ctx,
) -> Result<Json<MediaAttachment>> {
    let Params { form, mut files } = params;
    let (owner, id, words) = (member.id, id.0, form.words());
    own(&ctx, owner, id).await?;
    let still = read_still(&ctx, files.take("thumbnail").as_ref()).await?;
    let made = still.as_ref().map(|still| still.path.clone());
    let changed = ctx
        .write(move |tx| {
            if let Some(still) = still {
                let (_, paths) = rules::change_still(tx, owner, id, still)?;
                if !paths.is_empty() {
                    tasks::enqueue(tx, &Task::DeleteFiles { paths })?;
                }
            }
            rules::change(tx, owner, id, words)
        })
        .await;
    if changed.is_err() {
        ctx.store().forget(made).await;
    }
    Ok(Json(member.view(&ctx).media(&changed?)))
}

/// Takes a file away that no post has.
async fn delete(
    member: Member<scope::WriteMedia>,
    id: PathId<MediaId>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    ctx.write(move |tx| {
        let paths: Vec<String> = rules::remove(tx, member.id, id.0)?.files().collect();
        tasks::enqueue(tx, &Task::DeleteFiles { paths })
    })
    .await?;
    Ok(Json(Empty {}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_focus_is_two_numbers() {
        assert_eq!(focus("0.5,-1"), Some((0.5, -1.0)));
        assert_eq!(focus(" 0 , 0 "), Some((0.0, 0.0)));
        for text in ["", "1", "a,b", "NaN,0", "inf,0"] {
            assert_eq!(focus(text), None, "{text}");
        }
    }
}
