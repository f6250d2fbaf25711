"""The review page's server: loopback only, one reader, nothing for anybody else."""
