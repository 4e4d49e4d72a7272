"""The planted bugs."""
MUTANTS = ()
def by_number(number):
    return None
