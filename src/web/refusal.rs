//! What the rules refuse, put back into the form it came from.
use crate::error::{Error, Result};

/// The sentence of a refusal that the form should show; every other error stays an error.
///
/// # Errors
/// Whatever is no refusal.
pub fn sentence(error: Error) -> Result<String> {
    match error {
        Error::Invalid(why) | Error::Conflict(why) | Error::Forbidden(why) => Ok(said(&why)),
        Error::TooMany(secs) => Ok(format!(
            "That was a lot in a short time. Try again in {} minutes.",
            secs.div_ceil(60)
        )),
        other => Err(other),
    }
}

/// The sentence of a check that failed; empty if it did not.
///
/// # Errors
/// Whatever is no refusal.
pub fn of<T>(checked: Result<T>) -> Result<String> {
    checked.map_or_else(sentence, |_| Ok(String::new()))
}

fn said(why: &str) -> String {
    let why = why.strip_prefix("Validation failed: ").unwrap_or(why).trim();
    if why == "Text can't be blank" {
        return "Write something first.".to_owned();
    }
    let mut letters = why.chars();
    let sentence: String =
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    if sentence.ends_with(['.', '!', '?']) { sentence } else { format!("{sentence}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_sentences() {
        let text = |error| sentence(error).unwrap();
        assert_eq!(
            text(Error::invalid("Validation failed: Text can't be blank")),
            "Write something first."
        );
        assert_eq!(
            text(Error::invalid("a post carries at most 4 pictures")),
            "A post carries at most 4 pictures."
        );
        assert_eq!(text(Error::Conflict("The name ana is taken".into())), "The name ana is taken.");
        assert!(sentence(Error::internal("disk")).is_err());
    }
}
