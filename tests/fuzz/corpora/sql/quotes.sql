SELECT $a$ ; $b$ $a$, U&'\0061' UESCAPE '!', B'1', E'\'', "a""b;", 1$$;$$ /* /* */ ; */; -- end
