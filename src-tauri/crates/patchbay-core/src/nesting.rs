//! How deep a JavaScript or TypeScript text may nest, guessed before it is parsed.
//!
//! Parsers and tree walkers recurse, so a text that nests deep enough ends the whole process. Whoever parses a text
//! that somebody else wrote asks here first, gives the parser a stack that fits, and refuses what is beyond reason.

/// Texts that may nest deeper than this are refused. Code written by people stays below 100, bundled and minified
/// packages below 1,000.
pub const DEEPEST: usize = 3_000;

/// An upper bound for how deep the syntax tree of the text is: open brackets, and within each bracket the operators,
/// conditions and `else` branches that hang on one another. One pass over the bytes, no allocation per token.
pub fn depth_bound(text: &str) -> usize {
    let mut scan = Scan {
        bytes: text.as_bytes(),
        at: 0,
        levels: vec![Level::default()],
        total: 1,
        deepest: 1,
        after: After::Operator,
        head_follows: false,
    };
    scan.run();
    scan.deepest
}

#[derive(Default, Clone, Copy)]
struct Level {
    /// Links of the chain that is open at this bracket depth.
    chain: usize,
    /// The bracket belongs to a `${` in a template literal.
    in_template: bool,
    /// The bracket belongs to `if (…)` and its like.
    is_head: bool,
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    levels: Vec<Level>,
    /// Brackets plus all open chains.
    total: usize,
    deepest: usize,
    /// What the last token was.
    after: After,
    /// The last word was one whose parentheses are no operand, such as `if`.
    head_follows: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    /// An operator, a keyword or the begin of a statement: an operand follows, so a `/` begins a regular expression.
    Operator,
    /// A name, a literal or a closed bracket: on a new line, a name begins a new statement.
    Operand,
    /// The parentheses of `if (…)` and its like: what follows hangs on it.
    Head,
}

impl Scan<'_> {
    fn run(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'(' | b'[' | b'{' => self.open(false),
                b')' | b']' => self.close(false),
                b'}' => {
                    if self.levels.last().is_some_and(|level| level.in_template) {
                        self.close(false);
                        self.template();
                    } else {
                        self.close(true);
                    }
                }
                b'"' | b'\'' => self.string(byte),
                b'`' => self.template(),
                b'/' => self.slash(),
                b';' | b',' => self.end_chain(),
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'$' | b'#' | b'@' | 0x80.. => self.word(),
                // Indentation is most of what is blank.
                b' ' | b'\t' | b'\n' | b'\r' => {
                    self.at += self.bytes[self.at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                }
                _ => {
                    self.link();
                    self.after = After::Operator;
                }
            }
        }
    }

    fn link(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.chain += 1;
            self.total += 1;
            self.deepest = self.deepest.max(self.total);
        }
    }

    fn open(&mut self, in_template: bool) {
        // A bracket after a chain's operand continues the chain (`f()()()`, `if (a) if (b)`), so it counts as a link too.
        self.link();
        self.levels.push(Level { chain: 0, in_template, is_head: self.head_follows });
        self.head_follows = false;
        self.total += 1;
        self.deepest = self.deepest.max(self.total);
        self.after = After::Operator;
    }

    fn close(&mut self, ends_statement: bool) {
        self.after = After::Operand;
        if self.levels.len() > 1
            && let Some(level) = self.levels.pop()
        {
            self.total = self.total.saturating_sub(level.chain + 1);
            if level.is_head {
                self.after = After::Head;
            }
        }
        if ends_statement {
            self.end_chain();
        }
    }

    /// A statement or list element ends; the chain goes on only where an `else` hangs the next one on it.
    fn end_chain(&mut self) {
        self.after = After::Operator;
        let rest = &self.bytes[self.at..];
        let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if rest[blank..].starts_with(b"else") {
            return;
        }
        if let Some(level) = self.levels.last_mut() {
            self.total -= level.chain;
            level.chain = 0;
        }
    }

    fn word(&mut self) {
        let start = self.at - 1;
        self.at += self.bytes[self.at..].iter().take_while(|byte| IS_WORD[usize::from(**byte)]).count();
        let word = &self.bytes[start..self.at];
        let is_prefix = is_prefix(word);
        let continues = continues(word);
        // Code without semicolons: a name on a new line after an operand begins a statement.
        let on_new_line = || {
            let before = self.bytes[..start].iter().rev().take_while(|byte| byte.is_ascii_whitespace());
            before.into_iter().any(|byte| *byte == b'\n')
        };
        if self.after == After::Operand && !continues && on_new_line() {
            self.end_chain();
        }
        if is_prefix {
            self.link();
        }
        self.head_follows = has_head(word);
        self.after = if is_prefix || self.head_follows { After::Operator } else { After::Operand };
    }

    fn string(&mut self, quote: u8) {
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'\n' => break,
                _ if byte == quote => break,
                _ => {}
            }
        }
        self.after = After::Operand;
    }

    fn template(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'`' => break,
                b'$' if self.bytes.get(self.at) == Some(&b'{') => {
                    self.at += 1;
                    self.open(true);
                    return;
                }
                _ => {}
            }
        }
        // A tagged template's tags chain: f``````.
        self.link();
        self.after = After::Operand;
    }

    fn slash(&mut self) {
        match self.bytes.get(self.at) {
            Some(b'/') => self.at += self.bytes[self.at..].iter().take_while(|byte| **byte != b'\n').count(),
            Some(b'*') => {
                let rest = &self.bytes[self.at + 1..];
                let end = rest.windows(2).position(|pair| pair == b"*/");
                self.at = end.map_or(self.bytes.len(), |end| self.at + 1 + end + 2);
            }
            _ if self.after != After::Operand => self.regex(),
            _ => {
                self.link();
                self.after = After::Operator;
            }
        }
    }

    fn regex(&mut self) {
        let mut in_class = false;
        let mut end = self.at;
        // Groups nest in a regular expression too, and its parser recurses as well.
        let (mut open, mut deepest) = (0_usize, 0_usize);
        loop {
            match self.bytes.get(end) {
                None | Some(b'\n') => {
                    // Not a regular expression after all.
                    self.link();
                    return;
                }
                Some(b'\\') => end += 1,
                Some(b'[') => in_class = true,
                Some(b']') => in_class = false,
                Some(b'(') => {
                    open += 1;
                    deepest = deepest.max(open);
                }
                Some(b')') => open = open.saturating_sub(1),
                Some(b'/') if !in_class => break,
                _ => {}
            }
            end += 1;
        }
        self.deepest = self.deepest.max(self.total + deepest);
        self.at = end + 1;
        self.after = After::Operand;
    }
}

/// Bytes that words are made of. A byte outside of ASCII may be part of a letter.
const IS_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    loop {
        table[byte as usize] =
            byte >= 0x80 || byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'#' | b'@');
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

// By the first letter first: nearly all words are names, and this is asked for each of them.

/// Words that an operand or a statement hangs on.
fn is_prefix(word: &[u8]) -> bool {
    match word[0] {
        b'a' => matches!(word, b"as" | b"await" | b"async" | b"asserts" | b"abstract"),
        b'c' => word == b"case",
        b'd' => matches!(word, b"do" | b"delete" | b"declare"),
        b'e' => matches!(word, b"else" | b"extends"),
        b'i' => matches!(word, b"in" | b"is" | b"infer" | b"instanceof"),
        b'k' => word == b"keyof",
        b'm' => word == b"module",
        b'n' => matches!(word, b"new" | b"namespace"),
        b'o' => word == b"of",
        b'r' => matches!(word, b"return" | b"readonly"),
        b's' => word == b"satisfies",
        b't' => matches!(word, b"typeof" | b"throw"),
        b'u' => word == b"unique",
        b'v' => word == b"void",
        b'y' => word == b"yield",
        _ => false,
    }
}

/// Words that, on a new line, go on with what stands before.
fn continues(word: &[u8]) -> bool {
    match word[0] {
        b'a' => word == b"as",
        b'e' => matches!(word, b"else" | b"extends"),
        b'i' => matches!(word, b"in" | b"is" | b"instanceof"),
        b'o' => word == b"of",
        b's' => word == b"satisfies",
        b'w' => word == b"while",
        _ => false,
    }
}

/// Words whose parentheses are no operand.
fn has_head(word: &[u8]) -> bool {
    match word[0] {
        b'c' => word == b"catch",
        b'f' => word == b"for",
        b'i' => word == b"if",
        b's' => word == b"switch",
        b'w' => matches!(word, b"while" | b"with"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{DEEPEST, depth_bound};

    #[test]
    fn ordinary_code_is_shallow() {
        let text = "export default { async fetch(request) { if (a) { return /[/]}(/.test(`${b}`) ? 1 : 2; } else { c(); } } };";
        assert!(depth_bound(text) < 30, "{}", depth_bound(text));
        let long = "const a = { b: [1, 2, 3], c: 'd' };\nf(a.b, a.c);\n".repeat(10_000);
        assert!(depth_bound(&long) < 20, "length is not depth: {}", depth_bound(&long));
        let without_semicolons = "const a = b.c(d) + 1\nexports.a = a\nf(a)\n  .then(b)\nif (a) b()\n".repeat(10_000);
        assert!(depth_bound(&without_semicolons) < 20, "a line is a statement: {}", depth_bound(&without_semicolons));
    }

    #[test]
    fn whatever_nests_is_seen() {
        for unit in [
            "[",
            "(",
            "{",
            "!",
            "-",
            "a?",
            "a=>",
            "a=",
            "a+",
            "a.",
            "a**",
            "new ",
            "typeof ",
            "await ",
            "if(1)",
            "while(1)",
            "a:",
            "if(a){}else ",
            "if(a)b;else ",
            "do ",
            "f(",
            "`${",
            "f``",
            "a||",
            "a??",
            "x as ",
            "<T>",
            "for(;;)",
            "a';'+",
            "f()",
            "a[0]",
            "<a>",
            "A extends B?C:",
            "keyof ",
            "function a(){",
            "class A{b=",
            "/;/+",
            "if(1)\n",
            "for(;;)\nif(a)\n",
            "a\nin ",
            "a+/*;*/",
            "a+\";\"+",
        ] {
            let text = unit.repeat(10_000);
            assert!(depth_bound(&text) > DEEPEST, "{unit:?} repeated nests, but the bound is {}", depth_bound(&text));
        }
        let regex = format!("/{}{}/", "(".repeat(10_000), ")".repeat(10_000));
        assert!(depth_bound(&regex) > DEEPEST, "groups of a regular expression nest too");
    }
}
