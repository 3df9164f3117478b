//! Files of members: the store, and uploads that take longer than a moment.
use super::App;
use crate::{
    db::{self, emojis::Emoji, media::Media},
    domain::{
        emojis::{self, NewEmoji},
        media as rules,
    },
    error::{Error, Result},
    media::{self, Ffmpeg, Finished, Store},
    tasks::{self, Task},
    types::{ActorId, MediaId},
};

impl App {
    /// Where files are kept.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// What looks into sound and film, where there is one.
    pub fn ffmpeg(&self) -> Option<&Ffmpeg> {
        self.0.ffmpeg.as_ref()
    }

    /// Works on a draft, and writes down what became of it. Done twice it changes nothing.
    ///
    /// # Errors
    /// What may go better another time: `Unreachable` from the store, `Internal`.
    pub async fn finish_upload(&self, id: MediaId) -> Result<()> {
        let row = self.read(move |conn| Ok(db::media::by_id(conn, id)?)).await?;
        let draft = row.as_ref().and_then(|row| row.draft_path.clone());
        let Some((row, draft)) = row.zip(draft) else { return Ok(()) };
        let still = row.preview_path.is_none();
        let made = match media::finish(self.store(), self.ffmpeg(), &draft, still).await {
            Ok(finished) => Ok(finished),
            Err(Error::Invalid(why)) => Err(why),
            // The draft is gone: somebody deleted it, or was faster.
            Err(Error::NotFound) => Err("What was uploaded is gone. Try it again.".to_owned()),
            Err(error) => return Err(error),
        };
        let new: Vec<String> = made.iter().flat_map(files_of).collect();
        let made = made.map(|made| row_of(&row, made));
        let written = self
            .write(move |tx| {
                let written = rules::finish(tx, &row, made)?;
                if written {
                    tasks::enqueue(tx, &Task::DeleteFiles { paths: vec![draft] })?;
                } else {
                    // Where another was faster, its files are these.
                    let kept = db::media::by_id(tx, id)?.and_then(|row| row.path);
                    if kept.is_none() && !new.is_empty() {
                        tasks::enqueue(tx, &Task::DeleteFiles { paths: new })?;
                    }
                }
                Ok(written)
            })
            .await?;
        tracing::debug!(media.id = %id, written, "worked on an upload");
        Ok(())
    }

    /// Adds an emoji of this node's own, or gives it another picture: that of `bytes`, a file as it
    /// came. `new` says the rest.
    ///
    /// # Errors
    /// `Invalid`, in words for who adds it, for a name or a picture that will not do.
    pub async fn add_emoji(
        &self,
        by: Option<ActorId>,
        new: NewEmoji,
        bytes: Vec<u8>,
    ) -> Result<Emoji> {
        emojis::check_name(&new.shortcode)?;
        let kept = media::receive_emoji(self.store(), bytes).await?;
        let files = [kept.path.clone(), kept.still_path.clone()];
        let new = NewEmoji {
            content_type: kept.content_type,
            path: kept.path,
            still_path: kept.still_path,
            size_bytes: kept.size_bytes,
            ..new
        };
        let added = self.write(move |tx| {
            let (row, unused) = emojis::add(tx, by, new)?;
            if !unused.is_empty() {
                tasks::enqueue(tx, &Task::DeleteFiles { paths: unused })?;
            }
            Ok(row)
        });
        let added = added.await;
        if added.is_err() {
            self.store().forget(files).await;
        }
        added
    }

    /// Deletes files of the store; what is gone already is fine.
    ///
    /// # Errors
    /// As [`Store::delete`].
    pub async fn delete_files(&self, paths: &[String]) -> Result<()> {
        for path in paths {
            self.store().delete(path).await?;
        }
        Ok(())
    }
}

fn files_of(made: &Finished) -> Vec<String> {
    [Some(made.path.clone()), made.preview_path.clone()].into_iter().flatten().collect()
}

fn row_of(draft: &Media, made: Finished) -> Media {
    Media {
        kind: made.kind,
        content_type: made.content_type,
        path: Some(made.path),
        preview_path: made.preview_path,
        blurhash: made.blurhash,
        width: made.size.map(|(width, _)| width),
        height: made.size.map(|(_, height)| height),
        preview_width: made.preview_size.map(|(width, _)| width),
        preview_height: made.preview_size.map(|(_, height)| height),
        duration_ms: made.duration_ms,
        frame_rate: made.frame_rate,
        bit_rate: made.bit_rate,
        size_bytes: made.size_bytes,
        ..draft.clone()
    }
}
