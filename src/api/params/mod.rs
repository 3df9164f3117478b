//! What a request asks for, however its client writes it: JSON, urlencoded or multipart bodies, on
//! any method, and the query string.
//!
//! Rails and its clients set the rules: `k[]=a`, `k[0]=a` and repeated `k=a` are lists,
//! `poll[expires_in]=60` nests, `1`, `on` and `t` are true, numbers may be text, unknown names and
//! nulls are ignored. The body is stronger than the query string.
use std::{future::Future, pin::Pin, str::FromStr};

use actix_multipart::Multipart;
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header,
    web::{Bytes, BytesMut, Data},
};
use futures_util::StreamExt;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use crate::{
    config::Config,
    error::{Error, Result},
};

mod files;
mod lenient;
#[cfg(test)]
mod tests;
mod tree;

pub use files::{Files, Limits, Upload};
use tree::Tree;

/// The parameters of a request, and the files that came along.
#[derive(Debug)]
pub struct Params<T> {
    /// What was asked.
    pub form: T,
    /// Files of a multipart body.
    pub files: Files,
}

impl<T> Params<T> {
    /// The parameters without the files.
    pub fn into_inner(self) -> T {
        self.form
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Params<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let (node, files) = read(&request, payload).await?;
            let form = T::deserialize(node).map_err(|e| Error::Invalid(e.to_string()))?;
            Ok(Self { form, files })
        })
    }
}

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Encoding {
    Json,
    Form,
    Multipart,
    /// Not said: JSON if it looks like it.
    Unknown,
}

fn encoding_of(content_type: &str) -> Encoding {
    match content_type.trim().to_ascii_lowercase().as_str() {
        "multipart/form-data" => Encoding::Multipart,
        "application/x-www-form-urlencoded" => Encoding::Form,
        json if json.ends_with("json") => Encoding::Json,
        _ => Encoding::Unknown,
    }
}

async fn read(request: &HttpRequest, payload: Payload) -> Result<(tree::Node, Files)> {
    let limits = limits(request);
    let (mut query, mut body) = (Tree::default(), Tree::default());
    query.add_encoded(request.query_string().as_bytes())?;
    let mut files = Files::default();
    let encoding = encoding_of(request.content_type());
    if encoding == Encoding::Multipart {
        let form = Multipart::new(request.headers(), payload);
        files = files::read(form, limits, &mut body).await?;
    } else if has_body(request) {
        let bytes = read_all(payload, limits.fields_bytes).await?;
        add_body(&mut body, encoding, &bytes)?;
    }
    Ok((query.overlaid_with(body), files))
}

/// As registered, else the usual; a film may be larger than a picture.
fn limits(request: &HttpRequest) -> Limits {
    let usual = request.app_data::<Limits>().copied().unwrap_or_default();
    let config = request.app_data::<Data<Config>>();
    match config.filter(|_| request.path().ends_with("/media")) {
        Some(config) => {
            let most = config.media.max_video_bytes.max(config.max_upload_bytes);
            Limits { file_bytes: most.saturating_add(1), ..usual }
        }
        None => usual,
    }
}

fn has_body(request: &HttpRequest) -> bool {
    let headers = request.headers();
    headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0")
}

async fn read_all(mut payload: Payload, limit: usize) -> Result<Bytes> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|e| Error::Malformed(format!("the body broke off: {e}")))?;
        if bytes.len().saturating_add(chunk.len()) > limit {
            return Err(Error::TooLarge("the request is too large".into()));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn add_body(tree: &mut Tree, encoding: Encoding, bytes: &[u8]) -> Result<()> {
    let looks_like_json = bytes.trim_ascii_start().first() == Some(&b'{');
    match encoding {
        _ if bytes.trim_ascii().is_empty() => Ok(()),
        Encoding::Json => tree.add_json(bytes),
        Encoding::Unknown if looks_like_json => tree.add_json(bytes),
        Encoding::Form | Encoding::Unknown | Encoding::Multipart => tree.add_encoded(bytes),
    }
}

/// For `#[serde(deserialize_with)]`: an id or number that may be blank. Blank is absent.
///
/// # Errors
/// When it is neither blank nor what `T` reads.
pub fn blank_or<'de, D: Deserializer<'de>, T: FromStr>(source: D) -> Result<Option<T>, D::Error> {
    let text = Option::<String>::deserialize(source)?.unwrap_or_default();
    if text.trim().is_empty() {
        return Ok(None);
    }
    text.trim().parse().map(Some).map_err(|_| serde::de::Error::custom("is not valid"))
}

/// For `#[serde(deserialize_with)]`: ids; what is none names nothing and is left out.
///
/// # Errors
/// When it is no list of scalars.
pub fn ids<'de, D: Deserializer<'de>, T: FromStr>(source: D) -> Result<Vec<T>, D::Error> {
    let texts = Vec::<String>::deserialize(source)?;
    Ok(texts.iter().filter_map(|text| text.trim().parse().ok()).collect())
}
