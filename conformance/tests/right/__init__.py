"""Right implementations of the document's call that compute in as many ways as people do; no law may find fault with any.

They share the handling of arguments, lengths and crops (`saboteurs.right`) and differ in their arithmetic, their manners or the
readings that they follow. `python -m right` in this folder's parent runs them all; see `__main__`.
"""
