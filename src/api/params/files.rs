//! Multipart bodies: fields into the tree, files aside, spooled to disk.
use std::path::Path;

use actix_multipart::{Field, Multipart, MultipartError};
use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;

use super::tree::Tree;
use crate::error::{Error, Result};

/// How much one request may bring along. Register another with `app_data` to change it.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Everything that is not a file, in bytes.
    pub fields_bytes: usize,
    /// Each file, in bytes.
    pub file_bytes: usize,
    /// How many files.
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { fields_bytes: 1 << 20, file_bytes: 40 << 20, files: 4 }
    }
}

/// A file that came with a form. It is deleted when this is dropped.
#[derive(Debug)]
pub struct Upload {
    /// The name of the form's field.
    pub field: String,
    /// What the client calls the file.
    pub file_name: Option<String>,
    /// What the client says it is; look at the bytes before believing it.
    pub content_type: Option<String>,
    /// Its size in bytes.
    pub bytes: usize,
    spool: tempfile::TempPath,
}

impl Upload {
    /// Where it waits on disk.
    pub fn path(&self) -> &Path {
        &self.spool
    }

    /// All of it.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn read(&self) -> Result<Vec<u8>> {
        Ok(tokio::fs::read(&self.spool).await?)
    }
}

/// The files of one request.
#[derive(Debug, Default)]
pub struct Files(pub Vec<Upload>);

impl Files {
    /// Takes out the file of a field.
    pub fn take(&mut self, field: &str) -> Option<Upload> {
        let at = self.0.iter().position(|upload| upload.field == field)?;
        Some(self.0.swap_remove(at))
    }
}

/// Fields that hold files, even from clients that send no file name.
const FILE_FIELDS: [&str; 4] = ["file", "thumbnail", "avatar", "header"];

/// Reads a whole multipart body.
pub(super) async fn read(mut form: Multipart, limits: Limits, tree: &mut Tree) -> Result<Files> {
    let (mut files, mut room) = (Files::default(), limits.fields_bytes);
    while let Some(part) = form.next().await {
        let mut part = part.map_err(|e| malformed(&e))?;
        let Some(name) = part.name().map(str::to_owned) else { continue };
        if is_file(&part, &name) {
            if files.0.len() >= limits.files {
                return Err(Error::TooLarge("too many files".into()));
            }
            files.0.extend(spool(&mut part, name, limits.file_bytes).await?);
        } else {
            let text = field_text(&mut part, &mut room).await?;
            tree.add(&name, &text)?;
        }
    }
    Ok(files)
}

fn is_file(part: &Field, name: &str) -> bool {
    let named = part.content_disposition().is_some_and(|d| d.get_filename().is_some());
    let binary =
        part.content_type().is_some_and(|t| t.type_().as_str() != "text" && t.subtype() != "json");
    named || binary || FILE_FIELDS.contains(&name)
}

async fn field_text(part: &mut Field, room: &mut usize) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(|e| malformed(&e))?;
        *room = room
            .checked_sub(chunk.len())
            .ok_or_else(|| Error::TooLarge("the form is too large".into()))?;
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| Error::Malformed("the form is not UTF-8".into()))
}

/// Writes a file to disk; `None` when it is empty, as from a form whose file was not chosen.
async fn spool(part: &mut Field, field: String, limit: usize) -> Result<Option<Upload>> {
    let (file, spool) = tempfile::NamedTempFile::new()?.into_parts();
    let mut file = tokio::fs::File::from_std(file);
    let mut bytes = 0_usize;
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(|e| malformed(&e))?;
        bytes = bytes.saturating_add(chunk.len());
        if bytes > limit {
            return Err(Error::TooLarge(format!("a file may have {} MB at most", limit >> 20)));
        }
        file.write_all(&chunk).await?;
    }
    file.flush().await?;
    let disposition = part.content_disposition();
    let file_name = disposition.and_then(|d| d.get_filename()).map(str::to_owned);
    let content_type = part.content_type().map(ToString::to_string);
    Ok((bytes > 0).then_some(Upload { field, file_name, content_type, bytes, spool }))
}

fn malformed(error: &MultipartError) -> Error {
    Error::Malformed(format!("the form cannot be read: {error}"))
}
