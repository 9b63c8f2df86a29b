@node "%~dp0photon" %*
