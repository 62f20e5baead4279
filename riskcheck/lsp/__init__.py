"""The language server: findings of the working tree, unsaved edits included, at their lines in the editor."""
