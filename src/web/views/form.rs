//! What was typed into a form, and what is wrong with it.

/// The fields of one form: their values, so that nothing typed is lost, and what is wrong.
#[derive(Clone, Debug, Default)]
pub struct Form {
    values: Vec<(String, String)>,
    errors: Vec<Problem>,
}

/// One thing that is wrong with one field.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The field's name; its element has the id `f-NAME`. Empty where no one field is to blame.
    pub field: String,
    /// What to do about it, as a sentence.
    pub message: String,
}

impl Form {
    /// The form as it came in. Fields whose name contains `password` are dropped: they are never shown again.
    pub fn new(values: impl IntoIterator<Item = (String, String)>) -> Self {
        let keep = |(name, _): &(String, String)| !name.contains("password");
        Self { values: values.into_iter().filter(keep).collect(), errors: Vec::new() }
    }

    /// The same with `value` in the field `name`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.retain(|(known, _)| known != name);
        self.values.push((name.to_owned(), value.into()));
        self
    }

    /// Notes what is wrong with the field `name` (empty for the form as a whole).
    pub fn wrong(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(Problem { field: name.to_owned(), message: message.into() });
    }

    /// The same with a problem noted.
    #[must_use]
    pub fn with_problem(mut self, name: &str, message: impl Into<String>) -> Self {
        self.wrong(name, message);
        self
    }

    /// The value of a field; empty if there is none.
    pub fn value(&self, name: &str) -> &str {
        self.values
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// The field's value without surrounding space.
    pub fn trimmed(&self, name: &str) -> &str {
        self.value(name).trim()
    }

    /// Whether a box is ticked or a choice made.
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.value(name) == value
    }

    /// Whether a box is ticked.
    pub fn ticked(&self, name: &str) -> bool {
        !self.value(name).is_empty()
    }

    /// What is wrong with a field; empty if nothing is.
    pub fn error(&self, name: &str) -> &str {
        self.errors
            .iter()
            .find(|problem| problem.field == name)
            .map_or("", |problem| problem.message.as_str())
    }

    /// Everything that is wrong, in the order it was found.
    pub fn problems(&self) -> &[Problem] {
        &self.errors
    }

    /// Whether nothing is wrong.
    pub fn is_fine(&self) -> bool {
        self.errors.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_never_shown_again() {
        let form = Form::new([
            ("name".to_owned(), "ana".to_owned()),
            ("password".to_owned(), "secret".to_owned()),
            ("new_password".to_owned(), "secret".to_owned()),
        ]);
        assert_eq!(form.value("name"), "ana");
        assert_eq!(form.value("password"), "");
        assert_eq!(form.value("new_password"), "");
    }
}
