"""The grammar of schema.prisma: lines within blocks, as Prisma's own parser reads them."""

PATH = r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\.(?:[A-Za-z0-9][A-Za-z0-9_-]*)?)*+"
GRAMMAR = rf"""
start: (_NEWLINE | comment | block)*

?block: model | enum | config

model: (MODEL | VIEW | TYPE) PATH "{{" comment? _NEWLINE _model_line* END
_model_line: field | block_attribute | comment | _NEWLINE
field: PATH field_type? attribute* comment? _NEWLINE

enum: ENUM PATH "{{" comment? _NEWLINE _enum_line* END
_enum_line: enum_value | block_attribute | comment | _NEWLINE
enum_value: PATH attribute* comment? _NEWLINE

config: (DATASOURCE | GENERATOR) PATH "{{" comment? _NEWLINE _config_line* END
_config_line: setting | comment | _NEWLINE
setting: PATH "=" expression comment? _NEWLINE

field_type: (PATH | unsupported) (LIST | OPTIONAL)*
unsupported: UNSUPPORTED string ")"

attribute: FIELD_ATTRIBUTE arguments?
block_attribute: BLOCK_ATTRIBUTE arguments? comment? _NEWLINE
arguments: "(" (argument ("," argument)*)? ")"
argument: PATH ":" expression -> named_argument
        | expression -> positional_argument

?expression: call | array | condition | number | string | constant
call: PATH arguments
array: LEFT_SQUARE (expression ("," expression)*)? "]"
condition: LEFT_BRACE (entry ("," entry)*)? END
entry: PATH ":" expression
number: NUMBER
string: STRING
constant: PATH

comment: COMMENT

MODEL: /model(?![\w-])/
VIEW: /view(?![\w-])/
TYPE: /type(?![\w-])/
ENUM: /enum(?![\w-])/
DATASOURCE: /datasource(?![\w-])/
GENERATOR: /generator(?![\w-])/
UNSUPPORTED.2: "Unsupported("
LIST: "[]"
OPTIONAL: "?"
FIELD_ATTRIBUTE: /@[\t ]*{PATH}/
BLOCK_ATTRIBUTE: /@@[\t ]*{PATH}/
END: "}}"
LEFT_SQUARE: "["
LEFT_BRACE: "{{"
NUMBER.2: /-?[0-9]+(\.[0-9]+)?(?![A-Za-z0-9_-])/
PATH: /{PATH}/
STRING: /"(?:[^"\\\x00-\x1f]|\\[^\n])*+"/
COMMENT: /\/\/[^\n]*|\/\*[\s\S]*?\*\//
_NEWLINE: "\n"
SPACE: /[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+/
%ignore SPACE
"""
