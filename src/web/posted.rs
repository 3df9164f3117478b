//! A form that was sent, from a page of ours and by the one who was given it.
use std::{future::Future, pin::Pin};

use actix_multipart::Multipart;
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, mime, web};
use futures_util::StreamExt as _;

use super::{reader::Reader, views::Form};
use crate::error::{Error, Result};

/// All text of a form together; a post has 10,000 characters.
const MAX_TEXT_BYTES: usize = 256 * 1024;
const MAX_FIELDS: usize = 64;

/// A file from a form.
pub struct File {
    /// The field it came in.
    pub field: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// A form of ours that came back. Exists only if its token holds.
pub struct Posted {
    /// Who sent it.
    pub reader: Reader,
    fields: Vec<(String, String)>,
    files: Vec<File>,
}

impl Posted {
    /// A field as it was typed; empty if there is none. Line ends are `\n`.
    pub fn value(&self, name: &str) -> &str {
        self.fields
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// Every value of a field that may be there more than once.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A field without surrounding space.
    pub fn trimmed(&self, name: &str) -> &str {
        self.value(name).trim()
    }

    /// What was typed, to be shown again (without passwords).
    pub fn form(&self) -> Form {
        Form::new(self.fields.iter().filter(|(name, _)| name != "csrf").cloned())
    }

    /// Takes the file of a field, if one was chosen.
    pub fn take_file(&mut self, field: &str) -> Option<File> {
        let at = self.files.iter().position(|file| file.field == field)?;
        Some(self.files.swap_remove(at))
    }
}

impl FromRequest for Posted {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let reader = Reader::of(&req).await?;
            let multipart = req
                .headers()
                .get(header::CONTENT_TYPE)
                .and_then(|value| value.to_str().ok())
                .and_then(|value| value.parse::<mime::Mime>().ok())
                .is_some_and(|kind| kind.essence_str() == "multipart/form-data");
            let (mut fields, files) = if multipart {
                let most = reader.app.config().max_upload_bytes;
                parts(Multipart::new(req.headers(), payload), most).await?
            } else {
                (pairs(&req, payload).await?, Vec::new())
            };
            for (_, value) in &mut fields {
                *value = value.replace("\r\n", "\n");
            }
            let posted = Self { reader, fields, files };
            if !posted.reader.csrf_holds(posted.value("csrf")) {
                return Err(Error::forbidden(
                    "This form is no longer good, perhaps because you signed in or out in between. \
                     Go back, load the page again and send it once more.",
                ));
            }
            Ok(posted)
        })
    }
}

async fn pairs(req: &HttpRequest, payload: Payload) -> Result<Vec<(String, String)>> {
    let mut payload = payload;
    let form = web::UrlEncoded::<Vec<(String, String)>>::new(req, &mut payload)
        .limit(MAX_TEXT_BYTES)
        .await
        .map_err(|error| Error::Malformed(error.to_string()));
    form.map(|mut pairs| {
        pairs.truncate(MAX_FIELDS);
        pairs
    })
}

async fn parts(
    mut multipart: Multipart,
    max_file_bytes: usize,
) -> Result<(Vec<(String, String)>, Vec<File>)> {
    let (mut fields, mut files, mut room) = (Vec::new(), Vec::<File>::new(), MAX_TEXT_BYTES);
    while let Some(part) = multipart.next().await {
        let mut part = part.map_err(|error| Error::Malformed(error.to_string()))?;
        let name = part.name().unwrap_or_default().to_owned();
        let is_file =
            part.content_disposition().is_some_and(|value| value.get_filename().is_some());
        let most = if is_file { max_file_bytes } else { room };
        let mut bytes = Vec::new();
        while let Some(chunk) = part.next().await {
            let chunk = chunk.map_err(|error| Error::Malformed(error.to_string()))?;
            if bytes.len() + chunk.len() > most {
                return Err(Error::TooLarge(format!(
                    "That is larger than the {} MB this server takes.",
                    max_file_bytes / 1_000_000
                )));
            }
            bytes.extend_from_slice(&chunk);
        }
        if is_file {
            if !bytes.is_empty() && files.len() < 4 {
                files.push(File { field: name, bytes });
            }
        } else if fields.len() < MAX_FIELDS {
            room = room.saturating_sub(bytes.len());
            let text = String::from_utf8(bytes)
                .map_err(|_| Error::Malformed("the form is not text".into()))?;
            fields.push((name, text));
        }
    }
    Ok((fields, files))
}
