//! The one error of the crate. What each becomes over HTTP is decided where it leaves: JSON for
//! clients, a page for browsers, a bare status for other servers.
use actix_web::{HttpResponse, ResponseError, http::StatusCode};

/// What a fallible function here returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong, in words the caller can act on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No login, or one that does not hold.
    #[error("The access token is invalid")]
    Unauthorized,
    /// Known, but not allowed; says why.
    #[error("{0}")]
    Forbidden(String),
    /// There is nothing here, or nothing the caller may know of.
    #[error("Record not found")]
    NotFound,
    /// It was here and was deleted.
    #[error("This was deleted")]
    Gone,
    /// The state of things does not allow it; says why.
    #[error("{0}")]
    Conflict(String),
    /// The request cannot be understood (400); says why.
    #[error("{0}")]
    Malformed(String),
    /// The request was understood and cannot be done as it stands (422); says why.
    #[error("{0}")]
    Invalid(String),
    /// Larger than this node takes.
    #[error("{0}")]
    TooLarge(String),
    /// Too much at once; may be tried again after the given seconds.
    #[error("Too many requests, try again in {0} seconds")]
    TooMany(u64),
    /// Another server is needed for this and did not answer as it should; says what happened.
    #[error("{0}")]
    Unreachable(String),
    /// Ours to fix: logged in full, shown to nobody, retried by tasks.
    #[error("Something went wrong on this server")]
    Internal(String),
}

impl Error {
    /// A failure of ours, with its cause.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// Not allowed, and why.
    pub fn forbidden(why: impl Into<String>) -> Self {
        Self::Forbidden(why.into())
    }

    /// Understood and refused, and why.
    pub fn invalid(why: impl Into<String>) -> Self {
        Self::Invalid(why.into())
    }

    /// The cause, for the log; everything else is for the caller's eyes.
    pub fn cause(&self) -> &dyn std::fmt::Display {
        match self {
            Self::Internal(cause) => cause,
            other => other,
        }
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        match error {
            diesel::result::Error::NotFound => Self::NotFound,
            other => Self::internal(other),
        }
    }
}
impl From<url::ParseError> for Error {
    fn from(error: url::ParseError) -> Self {
        Self::Malformed(error.to_string())
    }
}
impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}
impl From<tokio::task::JoinError> for Error {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::internal(error)
    }
}
impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::internal(error)
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Gone => StatusCode::GONE,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unreachable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The form of the Mastodon API; the web pages have their own in `web`.
    fn error_response(&self) -> HttpResponse {
        if let Self::Internal(cause) = self {
            tracing::error!(cause, "internal error");
        }
        let mut response = HttpResponse::build(self.status_code());
        if let Self::TooMany(after_secs) = self {
            response.insert_header(("Retry-After", after_secs.to_string()));
        }
        response.json(serde_json::json!({ "error": self.to_string() }))
    }
}
