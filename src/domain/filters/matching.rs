//! Which filters find a post. Pure.
use crate::{
    db::filters::Whole,
    types::{FilterId, PostId, Time},
};

/// A filter that found a post, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Which filter.
    pub filter: FilterId,
    /// The words that are in it.
    pub keywords: Vec<String>,
    /// It is one of the filter's posts.
    pub post: bool,
}

/// Filters that hold, ready to look at many posts.
#[derive(Debug, Default)]
pub struct Sieve {
    filters: Vec<Ready>,
}

#[derive(Debug)]
struct Ready {
    id: FilterId,
    keywords: Vec<Needle>,
    posts: Vec<PostId>,
}

#[derive(Debug)]
struct Needle {
    written: String,
    folded: String,
    whole_word: bool,
}

impl Sieve {
    /// Of the filters that hold at `now`.
    pub fn new(filters: &[Whole], now: Time) -> Self {
        let holds = |whole: &&Whole| whole.filter.expires_at.is_none_or(|end| end > now);
        let ready = |whole: &Whole| Ready {
            id: whole.filter.id,
            keywords: whole
                .keywords
                .iter()
                .map(|word| Needle {
                    written: word.keyword.clone(),
                    folded: fold(&word.keyword),
                    whole_word: word.whole_word,
                })
                .filter(|needle| !needle.folded.is_empty())
                .collect(),
            posts: whole.posts.iter().map(|row| row.post_id).collect(),
        };
        Self { filters: filters.iter().filter(holds).map(ready).collect() }
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    /// The filters that find a post of this plain text, or the post itself.
    pub fn find(&self, post: PostId, text: &str) -> Vec<Match> {
        let text = fold(text);
        let found = |filter: &Ready| {
            let in_text = |needle: &&Needle| contains(&text, &needle.folded, needle.whole_word);
            let words = filter.keywords.iter().filter(in_text);
            let found = Match {
                filter: filter.id,
                keywords: words.map(|needle| needle.written.clone()).collect(),
                post: filter.posts.contains(&post),
            };
            (found.post || !found.keywords.is_empty()).then_some(found)
        };
        self.filters.iter().filter_map(found).collect()
    }
}

fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

/// A letter or digit, of any script, or what joins them.
fn is_of_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

/// Whether a word is in a text; a whole one only where no letter or digit goes on beside it. A word
/// that itself ends with something else ends there anyway.
fn contains(text: &str, word: &str, whole: bool) -> bool {
    if !whole {
        return text.contains(word);
    }
    let goes_on = |inside: Option<char>, outside: Option<char>| {
        inside.is_some_and(is_of_word) && outside.is_some_and(is_of_word)
    };
    text.match_indices(word).any(|(start, found)| {
        let before = text.get(..start).and_then(|text| text.chars().next_back());
        let after = text.get(start + found.len()..).and_then(|text| text.chars().next());
        !goes_on(word.chars().next(), before) && !goes_on(word.chars().next_back(), after)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        db::filters::{Filter, FilterAction, FilteredPost, Keyword},
        types::{ActorId, FilterKeywordId, FilterPostId},
    };

    fn filter(words: &[(&str, bool)], posts: &[i64], expires_at: Option<Time>) -> Whole {
        let id = FilterId(7);
        let keyword = |(keyword, whole_word): &(&str, bool)| Keyword {
            id: FilterKeywordId(1),
            filter_id: id,
            keyword: (*keyword).to_owned(),
            whole_word: *whole_word,
        };
        let post = |post: &i64| FilteredPost {
            id: FilterPostId(1),
            filter_id: id,
            post_id: PostId(*post),
        };
        Whole {
            filter: Filter {
                id,
                owner_id: ActorId(1),
                title: "Sport".into(),
                contexts: "home".into(),
                action: FilterAction::Warn,
                expires_at,
                created_at: Time(0),
            },
            keywords: words.iter().map(keyword).collect(),
            posts: posts.iter().map(post).collect(),
        }
    }

    fn finds(word: &str, whole: bool, text: &str) -> bool {
        let sieve = Sieve::new(&[filter(&[(word, whole)], &[], None)], Time(0));
        !sieve.find(PostId(1), text).is_empty()
    }

    #[test]
    fn a_whole_word_stands_alone() {
        assert!(finds("ball", true, "The BALL is round"));
        assert!(finds("ball", true, "(ball)"));
        assert!(!finds("ball", true, "football"));
        assert!(finds("ball", false, "football"));
        assert!(finds("ball", true, "football and ball"), "not only the first place counts");
        assert!(finds("#cup", true, "the #cup"));
        assert!(finds("#cup", true, "a#cup"), "a sign needs no room before it");
        assert!(finds("straße", true, "auf der Straße."));
        assert!(!finds("кот", true, "котик"));
    }

    #[test]
    fn a_post_may_be_named() {
        let sieve = Sieve::new(&[filter(&[("x", true)], &[5], None)], Time(0));
        let found = sieve.find(PostId(5), "nothing of it");
        assert_eq!(found, [Match { filter: FilterId(7), keywords: Vec::new(), post: true }]);
        assert!(sieve.find(PostId(6), "nothing of it").is_empty());
    }

    #[test]
    fn what_is_over_finds_nothing() {
        assert!(Sieve::new(&[filter(&[("x", true)], &[], Some(Time(5)))], Time(5)).is_empty());
        assert!(!Sieve::new(&[filter(&[("x", true)], &[], Some(Time(6)))], Time(5)).is_empty());
    }

    proptest! {
        #[test]
        fn any_text_can_be_looked_at(word in ".{0,12}", text in ".{0,60}", whole: bool) {
            let found = finds(&word, whole, &text);
            if found {
                prop_assert!(fold(&text).contains(&fold(&word)));
            }
        }
    }
}
